package main

import (
	"strings"
	"testing"

	"github.com/telekey/telekey/bench/task"
)

func TestFiguresAreWrittenWithThreeDigits(t *testing.T) {
	for got, want := range map[string]string{
		number(0):                  "0",
		number(13.008):             "13",
		number(12.48):              "12.5",
		number(0.1234):             "0.12",
		number(418.4):              "418",
		duration(0.36):             "0.36 µs",
		duration(261_036):          "261 ms",
		duration(126_300_00):       "12.6 s",
		size(2124):                 "2.07 KiB",
		size(5_599_000_000):        "5.21 GiB",
		bare("8.41 ms", "10.2 ms"): "8.41",
		bare("950 µs", "1.20 ms"):  "950 µs",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestACellIsTheMiddleValueAndHowFarTheOthersLie(t *testing.T) {
	r := newResults()
	for _, cpu := range []float64{9000, 8750, 8410, 10200, 8500} {
		r.add("telekey", "connect", task.Result{Figures: map[string]float64{"cpu": cpu, "allocs": 505}, Tried: 60})
	}
	r.add("gogram", "connect", task.Result{Figures: map[string]float64{"cpu": 9650}, Tried: 300, Failed: 4, Failure: "no answer"})
	for _, c := range []struct {
		line    line
		program string
		want    string
	}{
		{line{"", "connect", "cpu", duration, ""}, "telekey", "8.75 ms ~ (8.41–10.2 ms)"},
		{line{"", "connect", "allocs", number, ""}, "telekey", "505"},
		{line{"", "connect", "cpu", duration, ""}, "gotd", "–"},
		{line{"", "connect", "failed", nil, ""}, "gogram", "4 of 300"},
		{line{"", "idle", "failed", nil, ""}, "gogram", "–"},
	} {
		if got := r.text(c.line, c.program); got != c.want {
			t.Errorf("%s of %s: got %q, want %q", c.line.figure, c.program, got, c.want)
		}
	}
	page := report(t.Context(), r, 5)
	if !strings.Contains(page, "| Connecting with a new key | 8.75 ms ~ (8.41–10.2 ms) | – | 9.65 ms | – |  |") || strings.Contains(page, "An idle client, heap and stacks |") {
		t.Errorf("the page is not as it should be:\n%s", page)
	}
}
