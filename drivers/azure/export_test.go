package azure

// Shrink makes a driver do with n bytes what it does with very many.
func Shrink(d *Driver, n int64) {
	d.sizes = sizes{whole: n, unknown: n, block: 2 * n, piece: 3 * n}
}

// Floor is floor.
func Floor(after string) string { return floor(after) }

// Takes is takes.
func Takes(name string) bool { return takes(name) }
