package environmentlimit

import (
	"math/rand/v2"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// The stores compress many records at once, so a single one says nothing of what it will take.
const (
	sampleBytes = 64 * 1024
	// Of a longer text, as many pieces as make up a sample.
	pieceBytes = 4 * 1024
	pieces     = sampleBytes / pieceBytes
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

// ratio of compressed to plain: of a long text its own, of short ones that of the last 64 KiB of a namespace; text is
// added to the next ones.
func (e *estimator) ratio(namespace string, text []byte) float64 {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	s, ok := e.samples[namespace]
	if !ok {
		s = &sample{ratio: usualRatio}
		e.samples[namespace] = s
	}
	if len(text) >= sampleBytes {
		s.ratio = e.compressed(spread(text))
		return s.ratio
	}
	s.text = append(s.text, text...)
	if len(s.text) >= sampleBytes {
		s.ratio = e.compressed(s.text)
		s.text = nil
	}
	return s.ratio
}

func (e *estimator) compressed(text []byte) float64 {
	return float64(len(e.encoder.EncodeAll(text, nil))) / float64(len(text))
}

// spread takes 64 KiB from all over a text of at least that, from places that its sender cannot know: a request may begin
// with one letter again and again, and end with what nothing compresses.
func spread(text []byte) []byte {
	sampled := make([]byte, 0, sampleBytes)
	stride := len(text) / pieces
	for piece := range pieces {
		from := piece*stride + rand.IntN(stride-pieceBytes+1)
		sampled = append(sampled, text[from:from+pieceBytes]...)
	}
	return sampled
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
