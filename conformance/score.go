package conformance

import "math"

// weight is what an impact counts for among SHOULDs; MUSTs and MAYs count one
// each.
func weight(l Level, i Impact) float64 {
	if l != Should {
		return 1
	}
	switch i {
	case Security:
		return 5
	case DataLoss:
		return 3
	}
	return 1
}

// scoreOf counts what profile and selection declare, not what ran: a case that
// could not be judged widens the interval.
func scoreOf(results []CaseResult, plan []planned) Score {
	var s Score
	s.Must = levelScore(results, plan, Must)
	s.Should = levelScore(results, plan, Should)
	s.May = levelScore(results, plan, May)
	return s
}

func levelScore(results []CaseResult, plan []planned, level Level) LevelScore {
	var s LevelScore
	var won, open, all float64
	for i := range results {
		r := &results[i]
		if r.Level != level || !plan[i].runs || r.Verdict == NotApplicable {
			continue
		}
		w := weight(r.Level, r.Impact)
		s.Total++
		all += w
		switch r.Verdict {
		case Passed:
			s.Passed++
			won += w
		case Failed, Flaky:
			s.Failed++
			if r.Waived != nil {
				s.Waived++
			}
		case NotRun:
			s.NotRun++
			open += w
		default: // inconclusive, error
			s.Inconclusive++
			open += w
		}
	}
	if all > 0 {
		s.PercentMin = percent(won / all)
		s.PercentMax = percent((won + open) / all)
	}
	return s
}

func percent(share float64) float64 { return math.Round(share*1000) / 10 }

// judged tells whether there was a verdict on anything.
func (s Score) judged() bool {
	return s.Must.Passed+s.Must.Failed+s.Should.Passed+s.Should.Failed+s.May.Passed+s.May.Failed > 0
}

// gate turns a score into the outcome: any MUST failed or flaky that is not
// waived is nonconformant; a MUST that could not be judged, or nothing judged
// at all, is partial.
func gate(s Score) (Outcome, string) {
	switch {
	case s.Must.Failed > s.Must.Waived:
		return Nonconformant, ""
	case s.Must.Inconclusive+s.Must.NotRun > 0:
		return Partial, "no MUST failed, but not every MUST could be judged"
	case !s.judged():
		return Partial, "nothing could be judged"
	case s.Must.Waived > 0:
		return Conformant, count(s.Must.Waived, "MUST that fails is", "MUSTs that fail are") + " waived"
	}
	return Conformant, ""
}
