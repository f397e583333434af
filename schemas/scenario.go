package schemas

// ValidateScenario tells whether a text is a scenario as JSON, by
// scenario.schema.json. The error is an *Invalid with every failure.
func ValidateScenario(text []byte) error { return validateRecord("scenario", text) }
