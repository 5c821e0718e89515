package s3xml

var _ Document = (*Error)(nil)

// Error is the body of every failed request. It has no namespace.
type Error struct {
	Code    string
	Message string
	// Details are elements that the code brings along, such as BucketName, Key,
	// Region, Condition, ArgumentName and ArgumentValue, ActualObjectSize and
	// RangeRequested, in this order between Message and Resource.
	Details   []Detail
	Resource  string // absent when empty
	RequestID string
	HostID    string
}

// Detail is one more element of an Error. Name must be an XML name, so it is
// never taken from a request.
type Detail struct {
	Name, Value string
}

// AppendXML implements [Document].
func (d *Error) AppendXML(b []byte) []byte {
	e := encoder{b: b}
	e.open("Error")
	e.text("Code", d.Code)
	e.text("Message", d.Message)
	for _, detail := range d.Details {
		e.text(detail.Name, detail.Value)
	}
	e.optional("Resource", d.Resource)
	e.text("RequestId", d.RequestID)
	e.text("HostId", d.HostID)
	e.close("Error")
	return e.b
}
