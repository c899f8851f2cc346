package datasets_test

import (
	"fmt"
	"log"

	"github.com/ganymede-ml/ganymede/datasets"
)

func ExampleFindDownload() {
	horses, err := datasets.FindDownload("horse2zebra")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s, %d MB, licence: %s\n", horses.Name, horses.Summary, horses.Bytes/1e6, horses.Licence)
	fmt.Println(horses.URLs[0])
	// Output:
	// unpaired:horse2zebra: horses and zebras, 116 MB, licence: research only
	// http://efrosgans.eecs.berkeley.edu/cyclegan/datasets/horse2zebra.zip
}
