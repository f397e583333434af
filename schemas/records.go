package schemas

import "fmt"

// ValidateReport tells whether a text is a report.json, by
// report.schema.json. The error is an *Invalid with every failure.
func ValidateReport(text []byte) error { return validateRecord("report", text) }

// ValidateAttempt tells whether a text is a delivery attempt's record, by
// attempt.schema.json. The error is an *Invalid with every failure.
func ValidateAttempt(text []byte) error { return validateRecord("attempt", text) }

// ValidateObserverAnswer tells whether a text is an observer's answer, by
// observer.schema.json. The error is an *Invalid with every failure.
func ValidateObserverAnswer(text []byte) error { return validateRecord("observer", text) }

func validateRecord(name string, text []byte) error {
	schema, err := meta().Compile(name + schemaSuffix)
	if err != nil {
		return fmt.Errorf("%s%s: %w", name, schemaSuffix, err)
	}
	return validate(name, schema, text)
}
