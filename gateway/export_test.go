package gateway

// Operation is a row of the route table, for tests that must cover every row.
type Operation struct {
	Name, Method    string
	Bucket, Key     bool // what its path names
	Query           []string
	Header, Action  string
	Built           bool
	DecidesByItself bool // it has no IAM action: its handler authorizes
}

// Operations returns the route table.
func Operations() []Operation {
	var all []Operation
	for sc, rows := range operations {
		for _, op := range rows {
			all = append(all, Operation{
				Name: op.name, Method: op.method, Bucket: scope(sc) != onService, Key: scope(sc) == onObject,
				Query: op.query, Header: op.header, Action: op.action, Built: op.handler != nil, DecidesByItself: op.action == "",
			})
		}
	}
	return all
}
