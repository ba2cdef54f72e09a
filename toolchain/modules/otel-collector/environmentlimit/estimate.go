package environmentlimit

import (
	"sync"

	"github.com/klauspost/compress/zstd"
)

// The stores compress many records at once, so a single one says nothing of what it will take.
const (
	sampleBytes = 64 * 1024
	// Of text nothing is known of yet.
	usualRatio = 0.25
)

// estimator says what texts of a namespace take once they are compressed.
type estimator struct {
	mutex   sync.Mutex
	encoder *zstd.Encoder
	samples map[string]*sample
}

type sample struct {
	text  []byte
	ratio float64
}

func newEstimator() (*estimator, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return &estimator{encoder: encoder, samples: map[string]*sample{}}, nil
}

// ratio of compressed to plain, as of the last 64 KiB of a namespace; text is added to the next ones.
func (e *estimator) ratio(namespace string, text []byte) float64 {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	s, ok := e.samples[namespace]
	if !ok {
		s = &sample{ratio: usualRatio}
		e.samples[namespace] = s
	}
	s.text = append(s.text, text[:min(len(text), sampleBytes)]...)
	if len(s.text) >= sampleBytes {
		s.ratio = float64(len(e.encoder.EncodeAll(s.text, nil))) / float64(len(s.text))
		s.text = nil
	}
	return s.ratio
}

// forget keeps those that a budget knows.
func (e *estimator) forget(known func(namespace string) bool) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	for namespace := range e.samples {
		if !known(namespace) {
			delete(e.samples, namespace)
		}
	}
}
