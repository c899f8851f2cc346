// Package display draws a training: grids of samples, interpolation strips, points in the plane, curves and animations.
//
// Drawing and showing are separate. [Grid], [Strip], [Scatter] and [Curves] return an [image.Image] and touch nothing
// else; each has a struct behind it ([Tiles], [Cloud], [Chart]) whose zero fields mean the same defaults. Pictures can
// then be saved ([SavePNG]), collected into an animated GIF ([Animation]), or shown ([Show], [Update]).
//
// # Samples
//
// Samples are tensors as a generator or a data set gives them:
//   - uint8 [n, height, width, channels], with 1 (grey), 3 (RGB) or 4 (RGB and alpha, not premultiplied) channels;
//   - float32 [n, height, width, channels] with values in [-1, 1]: -1 becomes 0, 1 becomes 255, values between are
//     rounded to the nearest level, values outside are clamped, and NaN becomes 0;
//   - float32 [n, 2], points in the plane.
//
// Drawing functions panic, with one line that names the shape, when given anything else, as GoMLX's graph building
// functions do. [Images] checks the same and returns an error instead.
//
// # In a notebook, and elsewhere
//
// In a GoNB cell [Show] adds a picture to the output of the cell and [Update] replaces the picture of that name in
// place, so that a loop may draw as often as it likes and leaves one output. Pictures are sent as PNG, hence they are
// saved with the notebook and seen wherever it is rendered. Names belong to one run of one cell: running the cell again
// draws in its new output.
//
// Anywhere else the same calls write files under [Dir]: see [Show] and [Update] for their names.
package display
