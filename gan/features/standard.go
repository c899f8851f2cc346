package features

import (
	"context"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/fetch"
)

// standardFile is the file of weights of a network that everybody's scores are made with.
type standardFile struct {
	name   string
	url    string // Its official address.
	size   int64  // In bytes.
	sha256 string // In hexadecimal; it begins with the digits at the end of the name.
}

// standardFiles are by the name of the network. The file of Inception is the same that torch-fidelity has under the name
// weights-inception-2015-12-05-6726825d.pth.
var standardFiles = map[string]standardFile{
	"inception": {
		name:   "pt_inception-2015-12-05-6726825d.pth",
		url:    "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth",
		size:   95_628_359,
		sha256: "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
	},
	"vgg16": {
		name:   "vgg16-397923af.pth",
		url:    "https://download.pytorch.org/models/vgg16-397923af.pth",
		size:   553_433_881,
		sha256: "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
	},
	"vgg19": {
		name:   "vgg19-dcbb9e9d.pth",
		url:    "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
		size:   574_673_361,
		sha256: "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
	},
	"alexnet": {
		name:   "alexnet-owt-7be5be79.pth",
		url:    "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
		size:   244_408_911,
		sha256: "7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02",
	},
}

// checkStandard returns an error if the file of that hash is not the standard one of the network, with how to use it all
// the same.
func checkStandard(network, file, hash string) error {
	standard := standardFiles[network]
	if hash == standard.sha256 {
		return nil
	}
	why := ""
	if info, err := os.Stat(file); err == nil && info.Size() < standard.size {
		why = ", perhaps because it is cut off"
	}
	return errors.Errorf("features: %s is not %s of SHA-256 %s%s; to use it all the same, say %s:%s,sha256=%s",
		file, standard.name, standard.sha256, why, network, file, hash)
}

// Download downloads the standard file of weights of a network, "inception", "vgg16", "vgg19" or "alexnet", from its
// official address into the folder dir, verifies its SHA-256, and returns the file. A verified one that is there already is
// kept; a download that was broken off is continued. Progress, which may be nil, is called now and then with the number of
// bytes that are there and that there will be.
func Download(ctx context.Context, network, dir string, progress func(done, total int64)) (file string, err error) {
	standard, ok := standardFiles[network]
	if !ok {
		return "", errors.Errorf("features: there is no standard file of weights for %q", network)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", errors.Wrap(err, "features: folder for weights")
	}
	file = filepath.Join(dir, standard.name)
	if _, err := os.Stat(file); err == nil {
		hash, err := hashWeights(file)
		if err == nil && hash != standard.sha256 {
			err = errors.Errorf("features: %s has SHA-256 %s, not %s: remove it to download it", file, hash, standard.sha256)
		}
		return file, err
	}
	lock := flock.New(file + ".lock")
	if locked, err := lock.TryLock(); err != nil || !locked {
		return "", errors.Errorf("features: another program is downloading %s", file)
	}
	defer func() {
		_ = os.Remove(lock.Path())
		_ = lock.Unlock()
	}()
	return file, standard.download(ctx, file, progress)
}

// download puts the file in place: whole and verified, or not at all.
func (s standardFile) download(ctx context.Context, file string, progress func(done, total int64)) error {
	part := file + ".part"
	var report func(done int64)
	if progress != nil {
		report = func(done int64) { progress(done, s.size) }
	}
	if err := fetch.File(ctx, s.url, part, report); err != nil {
		return errors.WithMessagef(err, "features: if this machine cannot reach %s, bring the file from one that can", s.url)
	}
	hash, err := hashWeights(part)
	if err == nil && hash != s.sha256 {
		err = errors.Errorf("features: what came from %s has SHA-256 %s, not %s", s.url, hash, s.sha256)
	}
	if err != nil {
		_ = os.Remove(part) // It would be continued, and wrong again.
		return err
	}
	return errors.WithStack(os.Rename(part, file))
}
