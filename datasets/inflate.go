package datasets

import (
	"encoding/binary"
	"hash/adler32"
	"math/bits"
)

// inflater unpacks what is compressed with zlib (RFC 1950 and 1951) from memory to memory, where the size of the result is
// known. For the small pictures of a data set it is several times faster than compress/zlib, which reads from a stream and
// allocates a window each time. It may give up on data that compress/zlib unpacks, never the other way round, and then the
// caller asks that.
type inflater struct {
	src  []byte
	at   int    // How much of src was put into held; more than its length where zeros were added.
	held uint64 // The next bits, the first of them lowest.
	have uint   // Their number.

	literals, distances prefixCode
	lengths             [320]uint8
}

// unpack fills dst with the content of src and says whether it is just that, with the right sum.
func (f *inflater) unpack(dst, src []byte) bool {
	const deflate, dictionary = 8, 0x20
	if len(src) < 6 || src[0]&15 != deflate || src[0]>>4 > 7 || binary.BigEndian.Uint16(src)%31 != 0 || src[1]&dictionary != 0 {
		return false
	}
	f.src, f.at, f.held, f.have = src[2:], 0, 0, 0
	filled := 0
	for last := false; !last; {
		f.refill()
		last = f.take(1) == 1
		ok := false
		switch f.take(2) {
		case 0:
			filled, ok = f.stored(dst, filled)
		case 1:
			ok = f.fixed()
			if ok {
				filled, ok = f.block(dst, filled)
			}
		case 2:
			ok = f.dynamic()
			if ok {
				filled, ok = f.block(dst, filled)
			}
		}
		if !ok {
			return false
		}
	}
	end := f.at - int(f.have/8)
	return filled == len(dst) && end+4 <= len(f.src) && binary.BigEndian.Uint32(f.src[end:]) == adler32.Checksum(dst)
}

// refill makes at least 56 bits held, zeros after the end of src.
func (f *inflater) refill() {
	if f.at+8 <= len(f.src) {
		f.held |= binary.LittleEndian.Uint64(f.src[f.at:]) << f.have
		f.at += int((63 - f.have) / 8)
		f.have |= 56
		return
	}
	for ; f.have < 56; f.have += 8 {
		if f.at < len(f.src) {
			f.held |= uint64(f.src[f.at]) << f.have
		}
		f.at++
	}
}

// take returns the next n bits, which must be held.
func (f *inflater) take(n uint) uint64 {
	value := f.held & (1<<n - 1)
	f.held >>= n
	f.have -= n
	return value
}

// stored copies a block that is not compressed.
func (f *inflater) stored(dst []byte, filled int) (int, bool) {
	start := f.at - int(f.have/8) // The rest of the byte is left out.
	f.held, f.have = 0, 0
	if start+4 > len(f.src) {
		return filled, false
	}
	size := int(binary.LittleEndian.Uint16(f.src[start:]))
	if uint16(size) != ^binary.LittleEndian.Uint16(f.src[start+2:]) || start+4+size > len(f.src) || filled+size > len(dst) {
		return filled, false
	}
	copy(dst[filled:], f.src[start+4:start+4+size])
	f.at = start + 4 + size
	return filled + size, true
}

// The bases and numbers of further bits of the lengths, from symbol 257 on, and of the distances (RFC 1951, section 3.2.5).
var (
	lengthBase    = [...]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra   = [...]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distanceBase  = [...]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distanceExtra = [...]uint8{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
	lengthsOrder  = [...]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
)

// block unpacks a block, given its codes. A round of it takes at most 48 bits.
func (f *inflater) block(dst []byte, filled int) (int, bool) {
	const endOfBlock, round, quickMask = 256, 48, 1<<quickBits - 1
	for {
		if f.have < round {
			f.refill()
			if f.at > len(f.src)+8 {
				return filled, false
			}
		}
		// Most symbols are single bytes with short codes. The bits are kept aside meanwhile, where they are at hand.
		held, have := f.held, f.have
		for have >= round {
			entry := f.literals.quick[held&quickMask]
			if entry == 0 || entry >= endOfBlock<<4 || filled >= len(dst) {
				break
			}
			dst[filled] = uint8(entry >> 4)
			filled++
			held >>= entry & 15
			have -= uint(entry & 15)
		}
		f.held, f.have = held, have
		if have < round {
			continue
		}
		symbol := f.symbol(&f.literals)
		if symbol < endOfBlock {
			if filled >= len(dst) {
				return filled, false
			}
			dst[filled] = uint8(symbol)
			filled++
			continue
		}
		if symbol == endOfBlock {
			return filled, true
		}
		symbol -= endOfBlock + 1
		if symbol >= len(lengthBase) {
			return filled, false
		}
		length := int(lengthBase[symbol]) + int(f.take(uint(lengthExtra[symbol])))
		symbol = f.symbol(&f.distances)
		if symbol >= len(distanceBase) {
			return filled, false
		}
		distance := int(distanceBase[symbol]) + int(f.take(uint(distanceExtra[symbol])))
		if distance > filled || length > len(dst)-filled {
			return filled, false
		}
		// Where the two overlap, what was copied is copied again.
		for end := filled + length; filled < end; {
			filled += copy(dst[filled:end], dst[filled-distance:filled])
		}
	}
}

// fixed sets the codes of a block without codes of its own.
func (f *inflater) fixed() bool {
	lengths := f.lengths[:288]
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	if !f.literals.set(lengths) {
		return false
	}
	for i := range 32 {
		lengths[i] = 5
	}
	return f.distances.set(lengths[:32])
}

// dynamic reads the codes of a block.
func (f *inflater) dynamic() bool {
	f.refill()
	literals, distances, given := int(f.take(5))+257, int(f.take(5))+1, int(f.take(4))+4
	clear(f.lengths[:len(lengthsOrder)])
	for _, symbol := range lengthsOrder[:given] {
		f.refill()
		f.lengths[symbol] = uint8(f.take(3))
	}
	if literals > 286 || !f.literals.set(f.lengths[:len(lengthsOrder)]) { // For now the code of the lengths.
		return false
	}
	lengths := f.lengths[:literals+distances]
	for i := 0; i < len(lengths); {
		f.refill()
		if f.at > len(f.src)+8 {
			return false
		}
		symbol := f.symbol(&f.literals)
		if symbol < 16 {
			lengths[i] = uint8(symbol)
			i++
			continue
		}
		value, times := uint8(0), 0
		switch symbol {
		case 16:
			if i == 0 {
				return false
			}
			value, times = lengths[i-1], 3+int(f.take(2))
		case 17:
			times = 3 + int(f.take(3))
		case 18:
			times = 11 + int(f.take(7))
		}
		if times == 0 || times > len(lengths)-i {
			return false
		}
		for range times {
			lengths[i] = value
			i++
		}
	}
	return f.literals.set(lengths[:literals]) && f.distances.set(lengths[literals:])
}

const (
	quickBits = 10 // Codes of up to so many bits are looked up at once.
	mostBits  = 15
	noSymbol  = 1 << 15
)

// prefixCode is a code of Huffman, as deflate numbers them (RFC 1951, section 3.2.2).
type prefixCode struct {
	quick   [1 << quickBits]uint16 // By the next bits: the symbol times 16, plus the number of bits; 0 for longer codes.
	count   [mostBits + 1]uint16   // The number of codes of each length.
	symbols [288]uint16            // In the order of their codes.
}

// set makes the code from the lengths of the symbols' codes, 0 for symbols that do not occur. It says whether it is one: every
// sequence of bits must begin with just one code; only a single code may stand alone.
func (c *prefixCode) set(lengths []uint8) bool {
	c.count = [mostBits + 1]uint16{}
	for _, length := range lengths {
		c.count[length]++
	}
	used := len(lengths) - int(c.count[0])
	c.count[0] = 0
	var firstSymbol, nextCode [mostBits + 2]uint16
	free := 1
	for length := 1; length <= mostBits; length++ {
		free = 2*free - int(c.count[length])
		if free < 0 {
			return false
		}
		firstSymbol[length+1] = firstSymbol[length] + c.count[length]
		nextCode[length+1] = (nextCode[length] + c.count[length]) << 1
	}
	if free > 0 && used > 1 {
		return false
	}
	clear(c.quick[:])
	for symbol, length := range lengths {
		if length == 0 {
			continue
		}
		c.symbols[firstSymbol[length]] = uint16(symbol)
		firstSymbol[length]++
		code := nextCode[length]
		nextCode[length]++
		if length > quickBits {
			continue
		}
		entry := uint16(symbol)<<4 | uint16(length)
		for i := int(bits.Reverse16(code) >> (16 - length)); i < len(c.quick); i += 1 << length {
			c.quick[i] = entry
		}
	}
	return true
}

// symbol takes the next symbol, or returns noSymbol.
func (f *inflater) symbol(c *prefixCode) int {
	if entry := c.quick[f.held&(1<<quickBits-1)]; entry != 0 {
		f.held >>= entry & 15
		f.have -= uint(entry & 15)
		return int(entry >> 4)
	}
	return f.longSymbol(c)
}

// longSymbol is symbol for codes of any length, bit by bit.
func (f *inflater) longSymbol(c *prefixCode) int {
	code, first, index := 0, 0, 0
	for length := 1; length <= mostBits; length++ {
		code |= int(f.take(1))
		count := int(c.count[length])
		if code-count < first {
			return int(c.symbols[index+code-first])
		}
		index += count
		first = (first + count) << 1
		code <<= 1
	}
	return noSymbol
}
