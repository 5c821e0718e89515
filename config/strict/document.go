package strict

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxFile bounds the YAML file, and each file that a reference names, in bytes.
const maxFile = 4 << 20

// References resolves ${env:NAME} and ${file:PATH}.
type References struct {
	Env  func(name string) (value string, ok bool)
	File func(path string) ([]byte, error)
}

// OS resolves references by the process's environment and the file system, relative paths from dir.
func OS(dir string) References {
	return References{
		Env: os.LookupEnv,
		File: func(path string) ([]byte, error) {
			if !filepath.IsAbs(path) {
				path = filepath.Join(dir, path)
			}
			return ReadFile(path)
		},
	}
}

// ReadFile reads a file of a config; one that is larger than a config's files may be is refused.
func ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, &os.PathError{Op: "read", Path: path, Err: errors.New("file is too large for a config")}
	}
	return os.ReadFile(path)
}

// document is one YAML file.
type document struct {
	name  string
	lines []string
	refs  References
}

// Parse reads YAML; name is the file's name, for errors. The Node is that of the whole document; an empty one is a mapping
// without keys.
func Parse(name string, data []byte, refs References) (Node, error) {
	text := string(data)
	d := &document{name: name, lines: strings.Split(text, "\n"), refs: refs}
	if i := strings.IndexFunc(text, control); i >= 0 {
		line := strings.Count(text[:i], "\n") + 1
		column := i - strings.LastIndexByte(text[:i], '\n')
		return Node{}, d.errorAt(&token.Position{Line: line, Column: column}, "", "control character")
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
			return Node{}, d.errorAt(e.GetToken().Position, "", e.GetMessage())
		}
		return Node{}, &Error{File: name, Message: "not YAML"}
	}
	root := Node{doc: d}
	for _, doc := range file.Docs {
		if _, comment := doc.Body.(*ast.CommentGroupNode); doc.Body == nil || comment {
			continue
		}
		if root.ast != nil {
			return Node{}, d.errorAt(doc.Body.GetToken().Position, "", "a second document; one file holds one")
		}
		root.ast = doc.Body
	}
	return root, nil
}

func control(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }
