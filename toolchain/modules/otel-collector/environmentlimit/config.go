package environmentlimit

import "errors"

// Config is one budget, in bytes as the store has them on disk. Each part of it may be spent at once, and comes back
// over a day.
type Config struct {
	// OwnPerDay is what every namespace has, whatever the others do.
	OwnPerDay int64 `mapstructure:"own_per_day"`
	// SharedPerDay is what all of them have together beyond that.
	SharedPerDay int64 `mapstructure:"shared_per_day"`
	// MostPerDay is how much of the shared bytes one namespace may have.
	MostPerDay int64 `mapstructure:"most_per_day"`
	// RecordBytes is what the store adds to each record or span.
	RecordBytes int64 `mapstructure:"record_bytes"`
	// Factor is how many bytes the store has for each that is left of a text after compression; 1 by default.
	Factor float64 `mapstructure:"factor"`
	// State is a file. It may be absent, and is then written.
	State string `mapstructure:"state"`
}

// Validate is asked by the Collector before it starts.
func (c *Config) Validate() error {
	if c.OwnPerDay <= 0 || c.SharedPerDay <= 0 || c.MostPerDay <= 0 {
		return errors.New("own_per_day, shared_per_day and most_per_day must be greater than 0")
	}
	if c.RecordBytes < 0 || c.Factor <= 0 {
		return errors.New("record_bytes must not be less than 0, and factor must be greater than 0")
	}
	return nil
}
