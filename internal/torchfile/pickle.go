package torchfile

import (
	"bytes"
	"encoding/binary"

	"github.com/pkg/errors"
)

// argument is what follows an instruction of a pickle.
type argument struct {
	fixed int // So many bytes.
	count int // A length in so many bytes, and as many bytes as it says.
	lines int // So many lines.
}

// instructions are those that torch.save writes for a state_dict, in the protocols 2 to 5, and their arguments. The
// others, which a state_dict has no use for, are refused.
var instructions = map[byte]argument{
	0x80: {fixed: 1}, // PROTO
	0x95: {fixed: 8}, // FRAME
	'(':  {},         // MARK
	'.':  {},         // STOP
	'0':  {},         // POP
	'N':  {},         // NONE
	0x88: {},         // NEWTRUE
	0x89: {},         // NEWFALSE
	'J':  {fixed: 4}, // BININT
	'K':  {fixed: 1}, // BININT1
	'M':  {fixed: 2}, // BININT2
	0x8a: {count: 1}, // LONG1
	'G':  {fixed: 8}, // BINFLOAT
	'X':  {count: 4}, // BINUNICODE
	0x8c: {count: 1}, // SHORT_BINUNICODE
	'T':  {count: 4}, // BINSTRING
	'U':  {count: 1}, // SHORT_BINSTRING
	'}':  {},         // EMPTY_DICT
	's':  {},         // SETITEM
	'u':  {},         // SETITEMS
	']':  {},         // EMPTY_LIST
	'a':  {},         // APPEND
	'e':  {},         // APPENDS
	')':  {},         // EMPTY_TUPLE
	't':  {},         // TUPLE
	0x85: {},         // TUPLE1
	0x86: {},         // TUPLE2
	0x87: {},         // TUPLE3
	'q':  {fixed: 1}, // BINPUT
	'r':  {fixed: 4}, // LONG_BINPUT
	0x94: {},         // MEMOIZE
	'h':  {fixed: 1}, // BINGET
	'j':  {fixed: 4}, // LONG_BINGET
	'c':  {lines: 2}, // GLOBAL
	0x93: {},         // STACK_GLOBAL
	'Q':  {},         // BINPERSID
	'R':  {},         // REDUCE
	'b':  {},         // BUILD
}

// checkPickle returns the length of the first pickle in data. It is an error if the pickle does not end in data, as the
// machine takes memory by the lengths in it, or has an instruction that no state_dict needs.
func checkPickle(data []byte) (length int, err error) {
	rest := data
	for len(rest) > 0 {
		code := rest[0]
		a, ok := instructions[code]
		if !ok {
			return 0, errors.Errorf("its pickle has the instruction 0x%02x, which no state_dict needs", code)
		}
		rest = rest[1:]
		if code == '.' {
			return len(data) - len(rest), nil
		}
		if rest, ok = a.skip(code, rest); !ok {
			break
		}
	}
	return 0, errors.New("it is truncated: its pickle does not end")
}

// skip returns what follows the argument of the instruction; ok is false if the argument does not end.
func (a argument) skip(code byte, rest []byte) (after []byte, ok bool) {
	n := uint64(a.fixed)
	if a.count > 0 {
		if len(rest) < a.count {
			return nil, false
		}
		var bytes [8]byte
		copy(bytes[:], rest[:a.count])
		n = binary.LittleEndian.Uint64(bytes[:])
		rest = rest[a.count:]
	}
	if n > uint64(len(rest)) {
		return nil, false
	}
	if code == 0x95 && binary.LittleEndian.Uint64(rest) > uint64(len(rest)-8) {
		return nil, false // A frame's bytes are instructions, to be looked at like others.
	}
	rest = rest[n:]
	for range a.lines {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			return nil, false
		}
		rest = rest[end+1:]
	}
	return rest, true
}
