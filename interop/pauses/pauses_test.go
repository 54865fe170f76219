package pauses

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func at(seconds float64) time.Time {
	return time.Unix(1_700_000_000, 0).Add(time.Duration(seconds * float64(time.Second)))
}

func TestTheLongestPauseIsBetweenTwoPacketsOfTheStory(t *testing.T) {
	packets := []time.Time{at(0), at(5), at(5.25), at(6), at(6.5), at(20)}
	pause, began := Longest(packets, at(4), at(7), nil)
	if pause != 750*time.Millisecond || began != 1250*time.Millisecond {
		t.Errorf("got %v, %v after the begin, want 750ms, 1.25s", pause, began)
	}
	if pause, _ := Longest(packets, at(0), at(5), nil); pause != 0 {
		t.Errorf("got %v in a story of one packet, want 0", pause)
	}
}

func TestTimeThatTheClientWorksIsNoPause(t *testing.T) {
	worked := func(begin, end time.Time) time.Duration {
		if begin.Equal(at(1)) {
			return 900 * time.Millisecond
		}
		return 0
	}
	pause, began := Longest([]time.Time{at(1), at(2), at(2.25)}, at(0), at(3), worked)
	if pause != 250*time.Millisecond || began != 2*time.Second {
		t.Errorf("got %v, %v after the begin, want 250ms, 2s", pause, began)
	}
}

func TestWorkIsMeasuredBetweenTheSamplesAround(t *testing.T) {
	w := &Work{samples: []sample{{at(0), 0}, {at(1), time.Second / 2}, {at(2), time.Second}, {at(3), time.Second}}}
	for _, c := range []struct {
		begin, end float64
		want       time.Duration
	}{{1, 2, time.Second / 2}, {2, 3, 0}, {0.5, 1.5, time.Second}, {1.9, 2.1, 200 * time.Millisecond}} {
		if got := w.Between(at(c.begin), at(c.end)); got != c.want {
			t.Errorf("from %v to %v: got %v, want %v", c.begin, c.end, got, c.want)
		}
	}
}

func TestTheLogTellsWhenPacketsCameAndNothingElse(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	before := time.Now().Truncate(time.Millisecond)
	logger.Info(Message, "direction", "in")
	logger.Info("a call of another name", "of", Message)
	logger.Info(Message, "direction", "out")
	packets, err := ReadLog(&log)
	if err != nil || len(packets) != 2 || packets[0].Before(before) || packets[1].Before(packets[0]) {
		t.Errorf("got %v, %v, want two times from %v on", packets, err, before)
	}
	if _, err := ReadLog(strings.NewReader("time=noon level=DEBUG msg=packet direction=in\n")); err == nil {
		t.Error(`got no error, want one for the time "noon"`)
	}
}
