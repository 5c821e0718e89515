package probe

import (
	"errors"
	"strings"
)

// The comments between which a page has the table.
const (
	begin = "<!-- compat: what stands here, down to the end mark, is written by integration/compat -->\n"
	end   = "<!-- compat: end -->\n"
)

// Column is the outcomes of one store.
type Column struct {
	Name     string
	Outcomes []Outcome
}

// Table is the outcomes as a Markdown table, a row for each probe and a column for each store.
func Table(columns []Column) string {
	var b strings.Builder
	row := func(cells ...string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	head, rule := []string{"operation", ""}, []string{"---", "---"}
	for _, c := range columns {
		head, rule = append(head, c.Name), append(rule, "---")
	}
	row(head...)
	row(rule...)
	for i := range columns[0].Outcomes {
		o := columns[0].Outcomes[i]
		cells := []string{"`" + strings.ReplaceAll(o.Operation, ", ", "`, `") + "`", o.What}
		for _, c := range columns {
			cells = append(cells, c.Outcomes[i].Is)
		}
		row(cells...)
	}
	return b.String()
}

// Replace returns the page with the table of the columns in its place.
func Replace(page string, columns []Column) (string, error) {
	before, rest, ok := strings.Cut(page, begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return "", errors.New("the page has no place for the table")
	}
	return before + begin + "\n" + Table(columns) + "\n" + end + after, nil
}

// Read returns what the page's table says of one store: outcomes by operation and side. It is empty for a store that has no
// column.
func Read(page, store string) map[[2]string]string {
	_, rest, _ := strings.Cut(page, begin)
	table, _, _ := strings.Cut(rest, end)
	column := -1
	said := map[[2]string]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
			if cells[0] == "operation" && cells[i] == store {
				column = i
			}
		}
		if column > 0 && strings.HasPrefix(cells[0], "`") {
			said[[2]string{strings.ReplaceAll(cells[0], "`", ""), cells[1]}] = cells[column]
		}
	}
	return said
}
