package wire

// Phases returns the durations that the answer's times tell.
func (a *Answer) Phases() Phases {
	var ph Phases
	if a.Began.IsZero() {
		return ph
	}
	last := a.Began
	if !a.Sent.IsZero() {
		ph.Write, last = a.Sent.Sub(a.Began), a.Sent
	}
	if a.started {
		if !a.Sent.IsZero() {
			ph.FirstByte = max(a.First.Sub(a.Sent), 0)
		}
		if a.Last.After(a.First) {
			ph.Read = a.Last.Sub(a.First)
		}
	}
	if a.complete && !a.Sent.IsZero() {
		ph.Answer = max(a.Last.Sub(a.Sent), 0)
	}
	if a.Last.After(last) {
		last = a.Last
	}
	ph.Total = last.Sub(a.Began)
	return ph
}
