package cli

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/pkg/errors"
	"github.com/spf13/pflag"
)

// configured is the configuration of a task, with what the command knows of changing it.
type configured[C any] struct {
	config C
	editor editor[C]
	info   dataInfo // Of the data, once it is open.
	fields func(c *C) taskCommon
}

func (c *configured[C]) common() taskCommon { return c.fields(&c.config) }

func (c *configured[C]) takes(flag string) bool {
	return slices.ContainsFunc(c.editor.settings, func(s settingOf[C]) bool { return s.name == flag })
}

func (c *configured[C]) restore(config json.RawMessage) error {
	return errors.WithStack(json.Unmarshal(config, &c.config))
}

func (c *configured[C]) differences(flags *pflag.FlagSet, assignments []string) []string {
	return c.editor.differences(flags, assignments, c.config, c.info)
}

// edit changes the configuration that a preset of so many steps has, by the flags.
func (c *configured[C]) edit(t *training, steps int) (err error) {
	if c.config, err = filled(c.config); err != nil {
		return err
	}
	common := c.common()
	*common.seed = t.seed()
	if common.decay != nil && !t.flags.Changed("decay-to") {
		t.stretchDecay(common.decayFrom, common.decay, steps)
	}
	return c.editor.edit(&c.config, t.flags, t.assign, c.info)
}

// withSize adds to an error about a configuration the nearest sizes of pictures with which there is none.
func withSize(err error, size int, fits func(size int) bool) error {
	if err == nil || fits == nil {
		return err
	}
	var near []string
	for lower := size - 1; lower >= 8; lower-- {
		if fits(lower) {
			near = append(near, strconv.Itoa(lower))
			break
		}
	}
	for higher := size + 1; higher <= 512; higher++ {
		if fits(higher) {
			near = append(near, strconv.Itoa(higher))
			break
		}
	}
	if near == nil {
		return err
	}
	return errors.Errorf("%v; choose --size %s", err, either(near))
}

// Settings that several tasks have. What flags are called, and which values can be right at all, the table settings says.

// wholeOf is a setting of a whole number in the configuration, named as the flag.
func wholeOf[C any](flag string, at func(c *C) *int) settingOf[C] {
	return whole(at, settingOf[C]{name: flag})
}

// seedOf is the setting of the seed.
func seedOf[C any](at func(c *C) *int64) settingOf[C] {
	return settingOf[C]{name: "seed", zero: int64(0),
		get: func(c *C) string { return strconv.FormatInt(*at(c), 10) },
		set: func(c *C, _ dataInfo, value string) (err error) {
			*at(c), err = strconv.ParseInt(value, 10, 64)
			return errors.WithStack(err)
		}}
}

// learningOf are the settings of the optimizers of all players; where there are two, the second is the discriminator's.
func learningOf[C any](players ...partOf[C]) []settingOf[C] {
	list := []settingOf[C]{
		{name: "optimizer", zero: "", get: players[0].name, set: func(c *C, _ dataInfo, value string) error {
			for _, p := range players {
				if err := p.choose(c, value); err != nil {
					return err
				}
			}
			return nil
		}},
		fieldOf("learning_rate", settingOf[C]{name: "lr", zero: 0.0}, players...),
	}
	if len(players) > 1 {
		list = append(list, settingOf[C]{name: "lr-d", zero: 0.0,
			get: func(c *C) string { return string(players[1].field(c, "learning_rate")) },
			set: func(c *C, _ dataInfo, value string) error {
				if value == "0" {
					return nil
				}
				return setPartField(players[1], c, "lr-d", "learning_rate", json.RawMessage(value))
			}})
	}
	return append(list,
		fieldOf("beta1", settingOf[C]{name: "beta1", zero: 0.0}, players...),
		fieldOf("beta2", settingOf[C]{name: "beta2", zero: 0.0}, players...))
}

// lossOf are the settings of the players' loss.
func lossOf[C any](p partOf[C]) []settingOf[C] {
	return []settingOf[C]{
		chosen(p, false, settingOf[C]{name: "loss"}),
		fieldOf("smoothing", settingOf[C]{name: "label-smoothing", zero: 0.0}, p),
	}
}

// augmentOf are the settings of what changes the pictures that the discriminator sees.
func augmentOf[C any](p partOf[C]) []settingOf[C] {
	return []settingOf[C]{
		chosen(p, true, settingOf[C]{name: "augment"}),
		fieldOf("policy", settingOf[C]{name: "policy", zero: ""}, p),
	}
}
