package s3xml

import "encoding/xml"

var _ Document = (*AccessControlPolicy)(nil)

// xsi is the namespace of the attribute that tells grantees apart.
const xsi = "http://www.w3.org/2001/XMLSchema-instance"

// AccessControlPolicy is the body of PutBucketAcl and PutObjectAcl and the
// answer of GetBucketAcl and GetObjectAcl.
type AccessControlPolicy struct {
	XMLName xml.Name `xml:"AccessControlPolicy"`
	Owner   Owner    `xml:"Owner"`
	Grants  []Grant  `xml:"AccessControlList>Grant"`
}

// Grant gives a grantee a permission: FULL_CONTROL, READ, WRITE, READ_ACP or
// WRITE_ACP.
type Grant struct {
	Grantee    Grantee `xml:"Grantee"`
	Permission string  `xml:"Permission"`
}

// Grantee is who a grant is for: a CanonicalUser with ID and DisplayName, a
// Group with URI, or an AmazonCustomerByEmail with EmailAddress.
type Grantee struct {
	Type         string `xml:"http://www.w3.org/2001/XMLSchema-instance type,attr"`
	ID           string `xml:"ID"`
	DisplayName  string `xml:"DisplayName"`
	URI          string `xml:"URI"`
	EmailAddress string `xml:"EmailAddress"`
}

// AppendXML implements [Document].
func (p *AccessControlPolicy) AppendXML(b []byte) []byte {
	e := encoder{b: b}
	e.root("AccessControlPolicy")
	e.owner("Owner", &p.Owner)
	e.open("AccessControlList")
	for i := range p.Grants {
		g := &p.Grants[i]
		e.open("Grant")
		e.b = append(e.b, `<Grantee xmlns:xsi="`+xsi+`" xsi:type="`...)
		e.b = appendText(e.b, g.Grantee.Type)
		e.b = append(e.b, `">`...)
		e.optional("ID", g.Grantee.ID)
		e.optional("DisplayName", g.Grantee.DisplayName)
		e.optional("URI", g.Grantee.URI)
		e.optional("EmailAddress", g.Grantee.EmailAddress)
		e.close("Grantee")
		e.text("Permission", g.Permission)
		e.close("Grant")
	}
	e.close("AccessControlList")
	e.close("AccessControlPolicy")
	return e.b
}
