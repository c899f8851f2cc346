package enlarge_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/enlarge"
)

// Five pictures of each digit become eight.
func ExampleWrite() {
	dir, err := os.MkdirTemp("", "digits")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	view := datasets.View{PerClass: 5}
	set, err := datasets.Open("digits", datasets.Options{View: view})
	if err != nil {
		fmt.Println(err)
		return
	}
	options := enlarge.Options{Method: "classic", To: 8, Seed: 1, View: view}
	result, err := enlarge.Write(context.Background(), nil, set, options, enlarge.Folder{Dir: filepath.Join(dir, "more")})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Manifest.Pictures, "pictures,", result.Manifest.New, "of them new")
	back, err := datasets.Open("folder:"+result.Dir, datasets.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(back.Len(), "read back, in", len(back.Classes), "classes")
	// Output:
	// 80 pictures, 30 of them new
	// 80 read back, in 10 classes
}
