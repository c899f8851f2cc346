package features

import (
	"maps"
	"slices"
)

// Info describes an extractor that Open knows.
type Info struct {
	Name     string `json:"name"`               // To give to Open; it ends in ":FILE" where the weights are in a file.
	Features int    `json:"features,omitempty"` // Of a picture; 0 where their number depends on the pictures.
	Classes  int    `json:"classes,omitempty"`  // That its classifier knows; 0 without one.

	Data     string  `json:"data,omitempty"`     // What the weights that come with the package learned from.
	Accuracy float64 `json:"accuracy,omitempty"` // The share of held-out pictures that they give their class.

	// The file that everybody's scores are made with, where weights are in one.
	File   string `json:"file,omitempty"`
	URL    string `json:"url,omitempty"` // Its official address.
	Bytes  int64  `json:"bytes,omitempty"`
	SHA256 string `json:"sha256,omitempty"` // Of the weights, in hexadecimal.
}

// List returns what Open knows, in alphabetic order.
func List() []Info {
	var list []Info
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		network := entries[name].network
		info := Info{Name: name, Features: network.FeatureSize(), Classes: len(network.Classes())}
		if standard, ok := standardFiles[name]; ok {
			info.Name += ":FILE"
			info.File, info.URL, info.Bytes, info.SHA256 = standard.name, standard.url, standard.size, standard.sha256
		}
		if network, ok := network.(embedded); ok {
			if origin, err := network.origin(); err == nil {
				info.Data, info.Accuracy, info.SHA256 = origin.Data, origin.Accuracy, network.hash
			}
		}
		list = append(list, info)
	}
	return list
}
