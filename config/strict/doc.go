// Package strict reads YAML into Go values and says exactly where something is wrong.
//
// Every key must be a field, every value of the field's type; no key comes twice. What is not in the file keeps the value
// that the Go value had. A struct's fields are named by their yaml tags. A type can read itself from text by
// encoding.TextUnmarshaler; a text whose field has the tag enum:"a,b" must be one of those; and a field of type [Node] takes what is there, to be decoded later.
//
// Text may hold references: ${env:NAME} is an environment variable, ${file:PATH} the content of a file (without a newline
// at its end; a relative path starts at the YAML file's folder), and $${ stands for ${. Any other ${...} is plain text, as
// IAM's policy variables are. What a reference stands for is text, never YAML, and is never shown in an error.
//
// Anchors, aliases and tags are refused: what a line says can then be read on that line.
package strict
