package datasets

import (
	"os"
	"path"
	"path/filepath"

	"github.com/pkg/errors"
)

const (
	pix2pixAddress  = "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets/"
	pix2pixMirror   = "https://people.eecs.berkeley.edu/~tinghuiz/projects/pix2pix/datasets/"
	cycleGANAddress = "http://efrosgans.eecs.berkeley.edu/cyclegan/datasets/"
	cycleGANMirror  = "https://people.eecs.berkeley.edu/~taesung_park/CycleGAN/datasets/"

	// What their authors say of where pictures are from; the archives name no licence.
	pix2pixSource  = "https://github.com/phillipi/pix2pix; "
	cycleGANSource = "https://github.com/junyanz/CycleGAN; "

	unlicensed    = "none stated"
	nonCommercial = "non-commercial"
	imageNetTerms = "research only"
)

// namedSet is one of the data sets that pix2pix and CycleGAN were published with.
type namedSet struct {
	name     string
	examples int // Pairs to train on; unpaired, pictures of A and of B to train on together.
	licence  string
	source   string
	summary  string
	size     int64  // Of the archive.
	sha256   string // Of the archive.
}

// pix2pixSets hold pairs side by side. No checksums of them are published, so the first download is believed and its own is
// noted; http, not https, is the address that their authors give.
var pix2pixSets = []namedSet{
	{name: "facades", examples: 400, licence: unlicensed, source: "CMP Facade Database (Tyleček and Šára 2013)", summary: "house fronts, photo and drawing"},
	{name: "cityscapes", examples: 2_975, licence: nonCommercial, source: "Cityscapes (Cordts et al. 2016), for non-commercial use and not to be passed on", summary: "streets, photo and segmentation"},
	{name: "maps", examples: 1_096, licence: unlicensed, source: "scraped from Google Maps by Isola et al.", summary: "aerial photo and map"},
	{name: "edges2shoes", examples: 49_825, licence: nonCommercial, source: "UT Zappos50K (Yu and Grauman 2014), for academic, non-commercial use; edges by HED", summary: "edges and photo of shoes; 2 GB"},
	{name: "edges2handbags", examples: 138_567, licence: unlicensed, source: "137,000 Amazon handbag images of iGAN (Zhu et al. 2016); edges by HED", summary: "edges and photo of handbags; 8 GB"},
	{name: "night2day", examples: 17_823, licence: unlicensed, source: "Transient Attributes (Laffont et al. 2014)", summary: "night and day of the same place; 2 GB"},
}

// cycleGANSets hold pictures of two kinds, with the checksums that TensorFlow Datasets verifies them by. Their authors no longer
// offer cityscapes, for its licence; where it can still be had it is verified, too.
var cycleGANSets = []namedSet{
	{name: "horse2zebra", examples: 1_067 + 1_334, licence: imageNetTerms, source: "ImageNet", summary: "horses and zebras", size: 116_867_962, sha256: "a74d9d392eecca9966b51287a76ca126af473d9de4f3e8fc0e9cda08fa1730a1"},
	{name: "apple2orange", examples: 995 + 1_019, licence: imageNetTerms, source: "ImageNet", summary: "apples and oranges", size: 78_456_409, sha256: "845a191e9af8926408ea597001cd03a452e3300a1f44a79fe329b3d59f6e3eb8"},
	{name: "summer2winter_yosemite", examples: 1_231 + 962, licence: unlicensed, source: "photos of Flickr", summary: "Yosemite in summer and in winter", size: 132_640_856, sha256: "167fe1726807a9d22bd106b4a6c0bd7953b688af924ac1bf967439c4961e49f9"},
	{name: "monet2photo", examples: 1_072 + 6_287, licence: unlicensed, source: "WikiArt, and photos of Flickr", summary: "Monet's paintings and photos", size: 305_231_073, sha256: "88f91b00fc228f97c9411fbf1880ec1d119c98f1722e4cfcfaa2fb35fac05b04"},
	{name: "cezanne2photo", examples: 525 + 6_287, licence: unlicensed, source: "WikiArt, and photos of Flickr", summary: "Cézanne's paintings and photos", size: 279_885_071, sha256: "3a6c10ca21f9485862f1cbd707744b9dc258954a04631271d23a3605eeb63cff"},
	{name: "ukiyoe2photo", examples: 562 + 6_287, licence: unlicensed, source: "WikiArt, and photos of Flickr", summary: "Japanese prints and photos", size: 292_946_532, sha256: "02a2a2fb5ecf425ca1bf86aca7304377da64a2a1d3b86df54eb65e4068bf3b08"},
	{name: "vangogh2photo", examples: 400 + 6_287, licence: unlicensed, source: "WikiArt, and photos of Flickr", summary: "van Gogh's paintings and photos", size: 306_590_349, sha256: "362c3473e70be0944bda08d49d660eafdc2854df55d697835b8186d1d79caaff"},
	{name: "maps", examples: 2 * 1_096, licence: unlicensed, source: "scraped from Google Maps by Isola et al.", summary: "aerial photos and maps; 1.5 GB", size: 1_476_754_427, sha256: "639534f69dbf9f36bef8d6292a7698006361221f83f0285d7c9ca78afe6e8a9e"},
	{name: "cityscapes", examples: 2 * 2_975, licence: nonCommercial, source: "Cityscapes (Cordts et al. 2016), for non-commercial use and not to be passed on; no longer offered by its authors", summary: "photos of streets and segmentations", size: 279_601_602, sha256: "d2f6910fd056c1ee9873777ae838e7ac4a2c833598ae62a04188e5ab2f4ea036"},
	{name: "facades", examples: 2 * 400, licence: unlicensed, source: "CMP Facade Database (Tyleček and Šára 2013)", summary: "photos of house fronts and drawings", size: 35_135_868, sha256: "9a31ebf3a31b9b5cd195dd5bf62e9308e00cb94604d1019e3889ac84248695c0"},
	{name: "iphone2dslr_flower", examples: 1_812 + 3_325, licence: unlicensed, source: "photos of Flickr", summary: "flowers by a telephone and by a camera", size: 339_964_458, sha256: "8fcb5e374d631b107e1d961b8c4cd0a186aa2a4ff3e279923f4c426128de7113"},
}

// namedPairs returns the data sets of pix2pix and CycleGAN: "pairs:facades" and "unpaired:horse2zebra". Without what is before
// the colon they are meant, too, and where there are both, pix2pix's.
func namedPairs() []Download {
	var list []Download
	bare := map[string]bool{}
	add := func(prefix, folder, ending, source string, addresses []string, sets []namedSet) {
		for _, set := range sets {
			d := set.download(prefix, folder, ending, source, addresses)
			if !bare[set.name] {
				d.Aliases = []string{set.name}
			}
			bare[set.name] = true
			list = append(list, d)
		}
	}
	add(pairsPrefix, "pix2pix", ".tar.gz", pix2pixSource, []string{pix2pixAddress, pix2pixMirror}, pix2pixSets)
	add(unpairedPrefix, "cyclegan", ".zip", cycleGANSource, []string{cycleGANAddress, cycleGANMirror}, cycleGANSets)
	return list
}

func (s namedSet) download(prefix, folder, ending, source string, addresses []string) Download {
	file := publishedFile{name: s.name + ending, size: s.size, sha256: s.sha256}
	for _, address := range addresses {
		file.urls = append(file.urls, address+file.name)
	}
	d := newDownload(Info{
		Name:     prefix + s.name,
		Examples: s.examples,
		Shape:    []int{256, 256, 3},
		Licence:  s.licence,
		Source:   source + s.source,
		Summary:  s.summary,
	}, []publishedFile{file})
	d.folder, d.unpack = path.Join(folder, s.name), true
	return d
}

// pairsDirectory returns the path of the directory that is meant after "pairs:" or "unpaired:", the prefix: one given by the
// user, or, if there is none of that name, that of a data set out of Downloads. It is an error if that is not downloaded.
func pairsDirectory(prefix, directory string) (string, error) {
	if _, err := os.Stat(directory); err == nil {
		return checkDirectory(directory)
	}
	for _, d := range namedPairs() {
		if d.Name != prefix+directory {
			continue
		}
		if folder := d.Where(); folder != "" {
			return folder, nil
		}
		folder, err := d.dir()
		if err != nil {
			return "", err
		}
		return "", errors.Errorf("datasets: %s is not on this machine; download it with: ganymede datasets get %[1]s; without a network, place %s (from %s) in %s first",
			d.Name, d.files[0].name, d.URLs[0], filepath.Dir(folder))
	}
	return checkDirectory(directory)
}
