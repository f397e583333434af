package schemas

// Journeys is the content of journeys.yaml: how the fields of a provider's
// events get plausible, coherent values. simulator/generate compiles it.
type Journeys struct{}
