package access

// operator is what a condition operator's name stands for.
type operator struct {
	compile func(text string, s syntax) (operand, error)
	negated bool
	null    bool
}

// operatorNamed returns an operator by its name without prefix and suffix
// (IAM User Guide, "Condition operators").
func operatorNamed(name string) (operator, bool) {
	switch name {
	case "StringEquals":
		return operator{compile: compileEqual}, true
	case "StringNotEquals":
		return operator{compile: compileEqual, negated: true}, true
	case "StringEqualsIgnoreCase":
		return operator{compile: compileEqualFold}, true
	case "StringNotEqualsIgnoreCase":
		return operator{compile: compileEqualFold, negated: true}, true
	case "StringLike":
		return operator{compile: compileLike}, true
	case "StringNotLike":
		return operator{compile: compileLike, negated: true}, true
	case "Bool":
		return operator{compile: compileBool}, true
	case "Null":
		return operator{compile: compileBool, null: true}, true
	case "IpAddress":
		return operator{compile: compileIP}, true
	case "NotIpAddress":
		return operator{compile: compileIP, negated: true}, true
	case "ArnEquals", "ArnLike": // the same by IAM's definition
		return operator{compile: compileARN}, true
	case "ArnNotEquals", "ArnNotLike":
		return operator{compile: compileARN, negated: true}, true
	}
	return orderOperator(name)
}

// orderOperator returns the operators on numbers and dates.
func orderOperator(name string) (operator, bool) {
	switch name {
	case "NumericEquals":
		return operator{compile: compileNumber(equal)}, true
	case "NumericNotEquals":
		return operator{compile: compileNumber(equal), negated: true}, true
	case "NumericLessThan":
		return operator{compile: compileNumber(less)}, true
	case "NumericLessThanEquals":
		return operator{compile: compileNumber(less | equal)}, true
	case "NumericGreaterThan":
		return operator{compile: compileNumber(greater)}, true
	case "NumericGreaterThanEquals":
		return operator{compile: compileNumber(greater | equal)}, true
	case "DateEquals":
		return operator{compile: compileDate(equal)}, true
	case "DateNotEquals":
		return operator{compile: compileDate(equal), negated: true}, true
	case "DateLessThan":
		return operator{compile: compileDate(less)}, true
	case "DateLessThanEquals":
		return operator{compile: compileDate(less | equal)}, true
	case "DateGreaterThan":
		return operator{compile: compileDate(greater)}, true
	case "DateGreaterThanEquals":
		return operator{compile: compileDate(greater | equal)}, true
	}
	return operator{}, false
}
