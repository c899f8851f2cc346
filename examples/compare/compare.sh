#!/bin/sh
# Trains four configurations on a folder of pictures and puts them side by side; see README.md.
# Usage: compare.sh [FOLDER], where FOLDER is one that may be filled, by default "comparison".
# GANYMEDE is the command, by default "ganymede"; "go run ." works in the root of the repository.
set -eu

ganymede=${GANYMEDE:-ganymede}
folder=${1:-comparison}
if [ ! -d "$folder/pictures" ]; then
	$ganymede datasets get fashion --out "$folder/pictures"
fi

# A DCGAN with the loss of the first paper, and no normalization in the discriminator. What follows changes it.
train() {
	name=$1
	shift
	rm -rf "$folder/$name"
	$ganymede train --data "folder:$folder/pictures" --preset dcgan --width 32 --batch 64 --steps 1500 \
		--loss minimax --norm none --run "$folder/$name" --quiet "$@"
}
train base
train slow --lr 2e-4 --lr-d 1e-4
train fast --lr 2e-3 --lr-d 1e-3 --norm batch --beta1 0.9
train mended --lr 2e-3 --lr-d 1e-3 --norm batch

$ganymede compare "$folder/base" "$folder/slow" "$folder/fast" "$folder/mended" --out "$folder/compare.html"
