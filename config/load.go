package config

import (
	"fmt"
	"path/filepath"

	"sluice/config/strict"
)

// Load reads and checks a config file. Relative paths of references and policies start at its folder.
func Load(path string) (*File, error) {
	data, err := strict.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return Parse(path, data, strict.OS(filepath.Dir(path)))
}

// Parse reads and checks a config; name is the file's, for errors. It opens nothing but the files that references and
// policies name.
func Parse(name string, data []byte, refs strict.References) (*File, error) {
	root, err := strict.Parse(name, data, refs)
	if err != nil {
		return nil, err
	}
	f := Default()
	f.root, f.refs = root, refs
	if err := root.Decode(&f); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	return &f, nil
}

// Override puts addresses from a command line in the place of the file's; "" leaves those.
func (f *File) Override(listen, admin string) error {
	if listen != "" {
		if f.Listen = listen; !isAddress(listen) {
			return fmt.Errorf(`listen address %q: wants host:port, as "127.0.0.1:9000"`, listen)
		}
	}
	if admin != "" {
		if f.Admin.Address = admin; admin != Off && !isAddress(admin) {
			return fmt.Errorf(`admin address %q: wants host:port, or "off"`, admin)
		}
	}
	return nil
}
