// Package schemas reads the contracts of webhook providers: what a provider's
// document says, as data. A contract is a folder with contract.yaml, the JSON
// Schemas of its events, openapi.yaml and journeys.yaml. The program carries
// some (Builtin); Load reads others, and Check tells every fault of a folder.
package schemas
