package cli

import "golang.org/x/sys/windows"

// echoOff stops the console from showing what is typed.
//
// https://learn.microsoft.com/en-us/windows/console/setconsolemode
func echoOff(fd int) error {
	var mode uint32
	if err := windows.GetConsoleMode(windows.Handle(fd), &mode); err != nil {
		return err
	}
	return windows.SetConsoleMode(windows.Handle(fd), mode&^windows.ENABLE_ECHO_INPUT)
}
