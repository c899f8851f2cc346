package datasets

import (
	"io"
	"slices"

	"github.com/pkg/errors"
)

// mnistFiles are those of MNIST, with the checksums that many libraries verify them by, such as TensorFlow Datasets.
// The author's own address has refused programs since 2021: the first two are what TensorFlow and PyTorch take instead.
var mnistFiles = idxFiles([]string{
	"https://storage.googleapis.com/cvdf-datasets/mnist/",
	"https://ossci-datasets.s3.amazonaws.com/mnist/",
	"http://yann.lecun.com/exdb/mnist/",
}, [4]publishedFile{
	{
		size:    9_912_422,
		sha256:  "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
		content: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
	},
	{
		size:    28_881,
		sha256:  "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
		content: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
	},
	{
		size:    1_648_877,
		sha256:  "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
		content: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
	},
	{
		size:    4_542,
		sha256:  "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
		content: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
	},
})

var mnistPublished = published{name: "mnist", files: mnistFiles, needed: idxNeeded, read: readMNIST}

var mnist = mnistPublished.entry(Info{
	Name:     "mnist",
	Examples: 60_000,
	Shape:    []int{28, 28, 1},
	Classes:  digits.Classes,
	Licence:  "CC-BY-SA-3.0",
	Source:   "MNIST (LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist/), which names no licence itself; Keras gives this one for it",
	Summary:  "60,000 handwritten digits, grey, and 10,000 to test; to download",
})

// idxNames are the files of MNIST and of sets made to take its place: pictures and labels to train, and to test.
var idxNames = []string{
	"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
}

// idxFiles completes the files, in the order of idxNames, at the addresses.
func idxFiles(addresses []string, files [4]publishedFile) []publishedFile {
	for i, name := range idxNames {
		files[i].name = name
		for _, address := range addresses {
			files[i].urls = append(files[i].urls, address+name)
		}
	}
	return files[:]
}

func idxNeeded(split string) [][]string {
	if split == Test {
		return [][]string{idxNames[2:]}
	}
	return [][]string{idxNames[:2]}
}

// readMNIST returns the set of two IDX files, pictures and labels: of 28×28 pixels and ten classes.
func readMNIST(paths []string, _ string) (*Set, error) {
	var set *Set
	err := withContent(paths[0], func(r io.Reader) (err error) {
		if set, err = decodeIDXImages(r); err == nil && !slices.Equal(set.Shape, []int{28, 28, 1}) {
			err = errors.Errorf("its pictures are %d×%d, not 28×28", set.Shape[0], set.Shape[1])
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	err = withContent(paths[1], func(r io.Reader) (err error) {
		if set.Labels, err = decodeIDXLabels(r, set.Len()); err == nil {
			err = checkLabels(set.Labels, 10)
		}
		return err
	})
	return set, err
}

// checkLabels returns an error if a label is none of so many classes.
func checkLabels(labels []int32, classes int) error {
	for i, label := range labels {
		if label < 0 || int(label) >= classes {
			return errors.Errorf("label %d of picture %d is none of the %d classes", label, i, classes)
		}
	}
	return nil
}
