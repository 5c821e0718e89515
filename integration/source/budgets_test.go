package source

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Budgets of size: what can be read at one sitting is understood, and stays
// correct when it is changed.
const (
	maxFileLines     = 400
	maxFunctionLines = 60
	maxComplexity    = 15
)

// goFile is a parsed file of the tree, this module's own among them.
type goFile struct {
	path  string // from root
	lines int
	fset  *token.FileSet
	ast   *ast.File
}

func (f goFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// files parses every Go file of the tree that a person wrote.
func files(t *testing.T) (all []goFile) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != root && (name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".")) {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f := goFile{lines: bytes.Count(src, []byte("\n")), fset: token.NewFileSet()}
		if f.path, err = filepath.Rel(root, path); err != nil {
			return err
		}
		if f.ast, err = parser.ParseFile(f.fset, f.path, src, parser.ParseComments); err != nil {
			return err
		}
		if !ast.IsGenerated(f.ast) {
			all = append(all, f)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// functions calls do for each function of the file with its body.
func (f goFile) functions(do func(fn *ast.FuncDecl, where string)) {
	for _, d := range f.ast.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			do(fn, f.fset.Position(fn.Pos()).String()+": "+fn.Name.Name)
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	for _, f := range files(t) {
		if f.lines > maxFileLines {
			t.Errorf("%s has %d lines, at most %d: split it by what it does", f.path, f.lines, maxFileLines)
		}
	}
}

func TestFunctionsAreShortAndPlain(t *testing.T) {
	t.Parallel()
	for _, f := range files(t) {
		if f.isTest() {
			continue
		}
		f.functions(func(fn *ast.FuncDecl, where string) {
			lines := f.fset.Position(fn.End()).Line - f.fset.Position(fn.Pos()).Line + 1
			if lines > maxFunctionLines {
				t.Errorf("%s has %d lines, at most %d", where, lines, maxFunctionLines)
			}
			if c := complexity(fn); c > maxComplexity {
				t.Errorf("%s has a complexity of %d, at most %d", where, c, maxComplexity)
			}
		})
	}
}

// complexity is the cyclomatic complexity: one, and one more for each place
// where the way through the function parts. A switch whose cases hold one plain
// statement each is a table, and counts once.
func complexity(fn *ast.FuncDecl) int {
	n := 1
	ast.Inspect(fn, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.CommClause:
			n++
		case *ast.BinaryExpr:
			if node.Op == token.LAND || node.Op == token.LOR {
				n++
			}
		case *ast.SwitchStmt:
			n += cases(node.Body)
		case *ast.TypeSwitchStmt:
			n += cases(node.Body)
		}
		return true
	})
	return n
}

// cases counts the ways through a switch.
func cases(body *ast.BlockStmt) int {
	n := 0
	for _, s := range body.List {
		clause := s.(*ast.CaseClause)
		if len(clause.Body) > 1 {
			n++
			continue
		}
		for _, s := range clause.Body {
			switch s.(type) {
			case *ast.ReturnStmt, *ast.AssignStmt, *ast.ExprStmt:
			default:
				n++
			}
		}
	}
	return max(n, 1)
}

func TestPackagesAndExportedNamesAreDocumented(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{} // folder -> has a package comment
	for _, f := range files(t) {
		if f.isTest() {
			continue
		}
		dir := filepath.Dir(f.path)
		documented[dir] = documented[dir] || f.ast.Doc != nil
		for _, d := range f.ast.Decls {
			f.undocumented(d, func(pos token.Pos, name string) {
				t.Errorf("%s: %s has no comment", f.fset.Position(pos), name)
			})
		}
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment: say first what the package is for", dir)
		}
	}
}

// undocumented calls miss for each exported name of the declaration that has no
// comment. A group's comment serves all of its names; methods of unexported
// types are not exported.
func (f goFile) undocumented(d ast.Decl, miss func(pos token.Pos, name string)) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && ast.IsExported(receiver(d)) {
			miss(d.Pos(), d.Name.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					miss(s.Pos(), s.Name.Name)
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					miss(s.Pos(), s.Names[0].Name)
				}
			}
		}
	}
}

// receiver is the name of the type that a method belongs to; a plain function
// counts as belonging to an exported one.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return "Package"
	}
	typ := fn.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}

// TestNothingHappensOnImport: a package that acts when it is imported cannot be
// tested without that act, nor be used twice.
func TestNothingHappensOnImport(t *testing.T) {
	t.Parallel()
	for _, f := range files(t) {
		f.functions(func(fn *ast.FuncDecl, where string) {
			if fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: say it where it is wired together instead", where)
			}
		})
	}
}
