package course

import (
	"fmt"
	"html"
	"image"
	"strings"
)

// Choose draws a picture of the first of some choices, and of another whenever a hand picks one of those below it. It
// returns when [Slide] does.
func Choose(draw func(choice string) image.Image, label string, choices ...string) {
	choose(draw, label, choices).run()
}

func choose(draw func(choice string) image.Image, label string, choices []string) widget[int] {
	if len(choices) == 0 {
		Fail("course.Choose: %q needs something to choose from.", label)
	}
	var row strings.Builder
	for i, choice := range choices {
		checked := ""
		if i == 0 {
			checked = " checked"
		}
		fmt.Fprintf(&row, `<label style="margin-left:10px;white-space:nowrap"><input type="radio" data-choice="%d"%s>%s</label>`+"\n",
			i, checked, html.EscapeString(choice))
	}
	return widget[int]{
		name:    "choose",
		picture: func(choice int) image.Image { return draw(choices[choice]) },
		read: func(m message) (int, bool) {
			return m.Choice, 0 <= m.Choice && m.Choice < len(choices)
		},
		tell: func(choice int) string {
			return fmt.Sprintf("%s: %s (run this cell in JupyterLab to choose from %s)", label, choices[choice], strings.Join(choices, ", "))
		},
		controls: fmt.Sprintf(`<div style="max-width:720px">%s %s</div>`, html.EscapeString(label), row.String()),
		script: `const choices = [...root.querySelectorAll("[data-choice]")];
choices.forEach((choice, i) => {
  choice.name = id; // One of them at a time.
  choice.addEventListener("change", () => send({choice: i}));
});`,
	}
}
