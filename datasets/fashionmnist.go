package datasets

// fashionMNISTFiles are those of Fashion-MNIST, with the checksums that TensorFlow Datasets verifies them by.
var fashionMNISTFiles = idxFiles([]string{
	"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
	"https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
	"https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
}, [4]publishedFile{
	{
		size:    26_421_880,
		sha256:  "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
		content: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
	},
	{
		size:    29_515,
		sha256:  "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
		content: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
	},
	{
		size:    4_422_102,
		sha256:  "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
		content: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
	},
	{
		size:    5_148,
		sha256:  "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
		content: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
	},
})

// debianFashionMNIST is where the Debian package dataset-fashion-mnist puts the files, gzipped anew.
const debianFashionMNIST = "/usr/share/datasets/fashion-mnist"

var fashionMNISTPublished = published{
	name: "fashion-mnist", files: fashionMNISTFiles, folders: []string{debianFashionMNIST}, needed: idxNeeded, read: readMNIST,
}

var fashionMNIST = fashionMNISTPublished.entry(Info{
	Name:     "fashion-mnist",
	Examples: 60_000,
	Shape:    []int{28, 28, 1},
	Classes:  fashion.Classes,
	Licence:  "MIT",
	Source:   "Fashion-MNIST (Xiao, Rasul and Vollgraf; Zalando SE, https://github.com/zalandoresearch/fashion-mnist)",
	Summary:  "60,000 articles of clothing, grey, and 10,000 to test; to download, or Debian's",
})
