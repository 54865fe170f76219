// Package sim tests the whole under bad weather.
package sim
