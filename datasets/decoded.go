package datasets

import "sync"

// decodedPictures keeps decoded pictures of one size until there is no room for more. What it took it keeps: a training
// goes through all pictures in every epoch, in another order each, so that any are as good as any others, and dropping some
// for others would only decode more of them.
type decodedPictures struct {
	size  int // Bytes of a picture.
	room  int // Pictures that it takes.
	mutex sync.RWMutex
	slots []int32 // Where each picture is, counted from 1; 0 if it is not there.
	taken int     // Slots.

	// The pictures, in blocks that are made as they are needed.
	blocks   [][]uint8
	perBlock int // Pictures.
}

// decodedBlock is about the number of bytes of a block.
const decodedBlock = 1 << 20

// newDecodedPictures returns room for the pictures, of size bytes each, that fit into budget bytes.
func newDecodedPictures(count, size int, budget int64) *decodedPictures {
	d := &decodedPictures{size: size, perBlock: max(1, decodedBlock/size)}
	d.room = int(min(max(budget, 0)/int64(size), int64(count)))
	if d.room > 0 {
		d.slots = make([]int32, count)
	}
	return d
}

// get copies the picture with the number to pixels, if it is there.
func (d *decodedPictures) get(number int32, pixels []uint8) bool {
	if d.room == 0 {
		return false
	}
	d.mutex.RLock()
	defer d.mutex.RUnlock()
	slot := d.slots[number]
	if slot == 0 {
		return false
	}
	copy(pixels, d.at(int(slot)-1))
	return true
}

// put keeps a copy of the picture with the number, if there is room.
func (d *decodedPictures) put(number int32, pixels []uint8) {
	if d.room == 0 {
		return
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.taken == d.room || d.slots[number] != 0 {
		return
	}
	if d.taken == len(d.blocks)*d.perBlock {
		d.blocks = append(d.blocks, make([]uint8, min(d.perBlock, d.room-d.taken)*d.size))
	}
	copy(d.at(d.taken), pixels)
	d.taken++
	d.slots[number] = int32(d.taken)
}

// at returns the pixels in a slot.
func (d *decodedPictures) at(slot int) []uint8 {
	start := slot % d.perBlock * d.size
	return d.blocks[slot/d.perBlock][start : start+d.size]
}

// bytes returns how much memory the pictures take.
func (d *decodedPictures) bytes() (total int64) {
	d.mutex.RLock()
	defer d.mutex.RUnlock()
	for _, block := range d.blocks {
		total += int64(len(block))
	}
	return total
}
