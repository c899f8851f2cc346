package course

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// HeadlessVariable is the environment variable that says that no one looks at the cells while they run, so that widgets
// draw once and wait for no hand: "ganymede lab --check" sets it to 1.
const HeadlessVariable = "GANYMEDE_HEADLESS"

// sessionVariable is set by Jupyter's server, to the notebook's path, in kernels that it starts for a notebook that someone
// has opened. Kernels that run a notebook without a window (nbconvert, nbclient) do not have it.
const sessionVariable = "JPY_SESSION_NAME"

// patience is how long a widget waits for a hand.
type patience struct {
	page   time.Duration // For the page to say that it shows the controls.
	first  time.Duration // For the first movement, so that Run All goes on.
	idle   time.Duration // For the next one.
	insist time.Duration // Without a word from the page, until the kernel is asked once more to connect it.
}

var usualPatience = patience{page: 10 * time.Second, first: 10 * time.Second, idle: time.Minute, insist: 4 * time.Second}

// message is what the controls in the page send: a greeting, so that one knows of them, or their state.
type message struct {
	Hello  bool      `json:"hello"`
	N      int       `json:"n"` // Counts states from 1: messages may arrive in any order and twice, and only the latest state matters.
	Done   bool      `json:"done"`
	Values []float64 `json:"values"`
	Choice int       `json:"choice"`
	Mask   []byte    `json:"mask"`
}

// widget is a picture of a state, and controls in the page that change the state.
type widget[State any] struct {
	name     string // Of the file that is written outside a notebook.
	start    State
	picture  func(State) image.Image
	read     func(message) (State, bool) // Takes the state out of a message, false if there is none that makes sense.
	tell     func(State) string          // The line that is left below the picture.
	over     string                      // HTML over the picture, in a box of its size.
	controls string                      // HTML below the picture.
	script   string                      // JavaScript that calls send({…}) with what read reads. It knows id, root and config.
	config   any
}

// widgets counts the widgets of a cell.
var widgets atomic.Int64

// run draws the start and, if someone looks at the cell, whatever a hand makes of it, until that is done.
func (w widget[State]) run() {
	name := fmt.Sprintf("%s-%d", w.name, widgets.Add(1))
	picture := w.draw(w.start)
	if !gonbui.IsNotebook {
		Show(name, picture)
		return
	}
	view := newView(name)
	view.keep(picture)
	state := w.start
	if os.Getenv(HeadlessVariable) == "" && os.Getenv(sessionVariable) != "" {
		state = w.converse(view)
	}
	view.note(w.tell(state))
}

// draw returns the picture of a state.
func (w widget[State]) draw(state State) image.Image {
	picture := w.picture(state)
	if picture == nil || picture.Bounds().Empty() {
		Fail("The function that draws has returned no picture.")
	}
	return picture
}

// converse puts controls into the page, and draws until the hand is done.
func (w widget[State]) converse(view *view) State {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	defer signal.Stop(interrupted)
	defer onFail(view.end)() // Controls that no one listens to must not stay.
	defer view.end()

	inbox := newInbox()
	// The kernel connects the page when someone subscribes. It is not asked to end the subscription: it does so itself when
	// the cell ends, and messages on their way to no one would stop the others.
	comms.Subscribe(view.address(), func(_ string, text string) { inbox.put(text) })
	view.open(w.page(view))
	return w.follow(inbox, view.show, interrupted, usualPatience, comms.Start)
}

// follow draws the newest state that the inbox holds, again and again, and returns the last one when the hand is done,
// interrupts or pauses for too long. It tells the page, through show, which state it has seen, and calls insist if the page
// does not say a word.
func (w widget[State]) follow(inbox *inbox, show func(picture image.Image, n int), interrupted <-chan os.Signal,
	patience patience, insist func()) State {
	state, seen, isThere := w.start, 0, false
	asked := time.AfterFunc(patience.insist, insist)
	defer asked.Stop()
	limit := time.NewTimer(patience.page)
	defer limit.Stop()
	for {
		select {
		case <-interrupted:
			return state
		case <-limit.C:
			return state
		case <-inbox.news:
		}
		if !isThere {
			isThere = true
			asked.Stop()
			limit.Reset(patience.first)
			show(nil, 0)
		}
		latest, done := inbox.look()
		if latest.N > seen {
			seen = latest.N
			if next, ok := w.read(latest); ok {
				state = next
				show(w.draw(state), seen)
			} else {
				show(nil, seen)
			}
			limit.Reset(patience.idle)
		}
		if done {
			return state
		}
	}
}

// inbox keeps the latest state.
type inbox struct {
	news chan struct{} // Holds a value if something has come since the last look.

	mu     sync.Mutex
	latest message
	done   bool
}

func newInbox() *inbox { return &inbox{news: make(chan struct{}, 1)} }

// put takes note of what the page says. What is no message is dropped.
func (i *inbox) put(text string) {
	var m message
	if err := json.Unmarshal([]byte(text), &m); err != nil || m.N < 0 || m.N == 0 && !m.Hello && !m.Done {
		return
	}
	i.mu.Lock()
	i.done = i.done || m.Done
	if m.N > i.latest.N {
		i.latest = m
	}
	i.mu.Unlock()
	select {
	case i.news <- struct{}{}:
	default: // There is some already.
	}
}

// look returns the latest state, and whether the hand is done.
func (i *inbox) look() (latest message, done bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.latest, i.done
}

// page returns the HTML of the picture and the controls, and the script behind them.
func (w widget[State]) page(view *view) string {
	// JSON of Go is safe inside a script: <, > and & are escaped.
	known, err := json.Marshal(map[string]any{"id": view.id, "address": view.address(), "config": w.config})
	Must(err)
	// The keys belong to the controls, not to the notebook: not as shortcuts, nor to go from cell to cell.
	return fmt.Sprintf(`<div id="%s" data-lm-suppress-shortcuts="true" style="font-size:var(--jp-ui-font-size1,13px)">
<div style="position:relative;display:inline-block"><img data-picture src="%s" style="display:block">%s</div>
<div style="padding:6px 0">%s</div>
<button type="button" data-done>Done</button>
</div>
<script>(() => {
const {id, address, config} = %s;
const root = document.getElementById(id);
root.addEventListener("keydown", (event) => event.stopPropagation());
let n = 0, state = {hello: true}, isDue = false;
const post = () => globalThis.gonb_comm?.send(address, JSON.stringify({n, ...state}));
const send = (changed) => { // Once a frame at most.
  n++;
  state = {...state, ...changed};
  if (!isDue) requestAnimationFrame(() => { isDue = false; post(); });
  isDue = true;
};
const insisting = setInterval(() => { // The connection may come later than a hand.
  if (!root.isConnected) clearInterval(insisting);
  else if (state.done || !(root.dataset.seen >= n)) post();
}, 500);
root.querySelector("[data-done]").addEventListener("click", () => { state.done = true; post(); });
%s
})()</script>`, view.id, view.source, w.over, w.controls, known, w.script)
}

// view is where a widget is in the output of the cell: a picture that is kept in the notebook, which gives way to the page
// of picture and controls while someone looks, and a line of text below it.
type view struct {
	id      string
	encoded []byte // The latest picture, as PNG.
	source  string // The same for a page.
	isOpen  bool
}

func newView(name string) *view {
	return &view{id: "ganymede-" + name + "-" + gonbui.UniqueId()}
}

// address is where the page sends its messages.
func (v *view) address() string { return "/ganymede/" + v.id }

// keep puts a picture into the notebook.
func (v *view) keep(picture image.Image) {
	v.encode(picture)
	v.putPicture()
}

// open puts a page in place of the picture.
func (v *view) open(page string) {
	v.isOpen = true
	v.put("", map[protocol.MIMEType]any{protocol.MIMETextHTML: page})
}

// show tells the page which state was seen, and changes its picture if there is another one.
func (v *view) show(picture image.Image, n int) {
	if picture != nil {
		v.encode(picture)
	}
	v.put("-line", map[protocol.MIMEType]any{protocol.MIMETextHTML: fmt.Sprintf(`<script>(() => {
const root = document.getElementById("%s");
if (!root) return;
root.dataset.seen = %d;
root.querySelector("[data-picture]").src = "%s";
})()</script>`, v.id, n, v.source)})
}

// end puts the latest picture in place of the page.
func (v *view) end() {
	if v.isOpen {
		v.isOpen = false
		v.putPicture()
		v.note("")
	}
}

// note puts a line of text below the picture.
func (v *view) note(text string) {
	v.put("-line", map[protocol.MIMEType]any{protocol.MIMETextPlain: text})
}

func (v *view) putPicture() {
	v.put("", map[protocol.MIMEType]any{protocol.MIMEImagePNG: v.encoded, protocol.MIMETextPlain: "a picture"})
}

// put changes one of the two outputs, and waits until the kernel has it.
func (v *view) put(output string, data map[protocol.MIMEType]any) {
	gonbui.SendData(&protocol.DisplayData{Data: data, DisplayID: v.id + output})
	gonbui.Sync()
}

func (v *view) encode(picture image.Image) {
	var encoded bytes.Buffer
	Must(png.Encode(&encoded, picture))
	v.encoded = encoded.Bytes()
	v.source = "data:image/png;base64," + base64.StdEncoding.EncodeToString(v.encoded)
}
