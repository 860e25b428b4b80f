package capture

import (
	"math/bits"
	"time"
)

// The first second of year 1 and the last of year 9999, from 1970.
const firstSecond, lastSecond = -62135596800, 253402300799

// ngClock says what the time stamps of an interface mean.
type ngClock struct {
	perSecond uint64 // units
	offset    int64  // seconds
}

// unitsPerSecond reads a resolution: the negated exponent of 10, or of 2 when the
// top bit is set. It refuses units so small that a second of them does not fit 64 bits.
func unitsPerSecond(resolution byte) (uint64, error) {
	exponent := resolution & 0x7f
	if resolution&0x80 != 0 {
		if exponent > 63 {
			return 0, errorf("time stamps in units of 2^-%d s", exponent)
		}
		return 1 << exponent, nil
	}
	if exponent > 19 {
		return 0, errorf("time stamps in units of 10^-%d s", exponent)
	}
	units := uint64(1)
	for range exponent {
		units *= 10
	}
	return units, nil
}

// time gives the time that lies so many units after the clock's zero. What would
// lie beyond the year 9999 was written by a program that meant a negative number;
// if that makes no sense either the time is unknown, the zero value.
func (c *ngClock) time(units uint64) time.Time {
	if c.offset == 0 { // as nearly always; division by a constant is fast
		switch seconds := units / 1e6; {
		case c.perSecond == 1e9:
			return time.Unix(int64(units/1e9), int64(units%1e9)).UTC()
		case c.perSecond == 1e6 && seconds <= lastSecond:
			return time.Unix(int64(seconds), int64(units%1e6)*1e3).UTC()
		}
	}
	return c.timeOf(units)
}

// timeOf is time for any clock.
func (c *ngClock) timeOf(units uint64) time.Time {
	if c.offset < firstSecond || c.offset > lastSecond {
		return time.Time{}
	}
	if seconds := units / c.perSecond; seconds <= lastSecond {
		return inYears(int64(seconds)+c.offset, nanoseconds(units%c.perSecond, c.perSecond))
	}
	units = -units // the magnitude, if it was negative
	if seconds := units / c.perSecond; seconds <= lastSecond {
		return inYears(c.offset-int64(seconds), -nanoseconds(units%c.perSecond, c.perSecond))
	}
	return time.Time{}
}

// inYears gives the time so many seconds and nanoseconds from 1970, the zero value when it
// is not in the years 1 to 9999.
func inYears(seconds, nanoseconds int64) time.Time {
	if seconds <= firstSecond || seconds > lastSecond {
		return time.Time{}
	}
	return time.Unix(seconds, nanoseconds).UTC()
}

// nanoseconds gives the fraction part/whole of a second, rounded down.
func nanoseconds(part, whole uint64) int64 {
	high, low := bits.Mul64(part, uint64(time.Second))
	quotient, _ := bits.Div64(high, low, whole) // part < whole: it fits
	return int64(quotient)
}
