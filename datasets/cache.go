package datasets

import (
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// CacheDir returns the directory that data sets are downloaded to, and that notes about folders are kept in: the environment
// variable GANYMEDE_DATA, or ganymede/data in the user's cache directory. It may not exist yet.
func CacheDir() (string, error) {
	if directory := os.Getenv("GANYMEDE_DATA"); directory != "" {
		return directory, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", errors.Wrap(err, "datasets: there is no directory for downloads; name one in GANYMEDE_DATA")
	}
	return filepath.Join(cache, "ganymede", "data"), nil
}
