// Package limits attacks an emulator in a process of its own and measures what the
// attacks cost it: its peak memory, and the time that other clients wait. It has
// nothing but tests, under a build tag:
//
//	make limits
//
// Memory must stay within its limit. A time is the median of five, and fails at
// three times its limit: machines differ, and what is to be found is a client that
// stops all others.
package limits
