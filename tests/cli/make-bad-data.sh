#!/bin/sh
# make-bad-data.sh DIR - writes a tiny good data set into DIR, and beside it every kind of file that
# people have in its place: bad-data.bats holds the program against them. Needs gzip, and no data.
# shellcheck disable=SC2059 # formats made of escapes are how printf writes bytes
set -eu
cd "$1"

u32() { # N: a big-endian 32-bit number
    printf "\\$(printf %03o $(($1 >> 24 & 255)))\\$(printf %03o $(($1 >> 16 & 255)))"
    printf "\\$(printf %03o $(($1 >> 8 & 255)))\\$(printf %03o $(($1 & 255)))"
}

idx() { # TYPE(two hexadecimal digits) DIMENSION...: a header
    printf "\\0\\0\\$(printf %03o 0x"$1")\\$(printf %03o $(($# - 1)))"
    shift
    for dimension; do u32 "$dimension"; done
}

zeros() { head -c "$1" /dev/zero; }

flip() { # OFFSET <in >out: one bit of the byte at OFFSET turned
    cat >flip.tmp
    byte=$(od -An -tu1 -j"$1" -N1 flip.tmp)
    head -c "$1" flip.tmp
    printf "\\$(printf %03o $((byte ^ 1)))"
    tail -c +$(($1 + 2)) flip.tmp
    rm flip.tmp
}

# ---- good: 8 images of 3 x 2 pixels, classes 0 to 2 ----
{ idx 08 8 3 2 && zeros 20 && printf 'abcdefghijklmnopqrstuvwxyz\376\377'; } >images
{ idx 08 8 && printf '\0\1\2\0\1\2\0\1'; } >labels
gzip -nc images >images.gz
gzip -nc labels >labels.gz
ln images train-images-idx3-ubyte
ln labels train-labels-idx1-ubyte
{ idx 08 8 3 2 && zeros 20 && printf '\377\376zyxwvutsrqponmlkjihgfedcba'; } >t10k-images-idx3-ubyte
ln labels t10k-labels-idx1-ubyte

# ---- something else ----
: >empty
printf '<!DOCTYPE html>\n<html><head><title>404 Not Found</title>\n' >html
printf '\n  <HTML>\n' >html-upper
gzip -nc html >html.gz
printf '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>\n' >s3-error
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:440fcabf\nsize 9912422\n' >lfs
printf '../.git/annex/objects/G0/zJ/MD5E-s9912422--f68b3c2d.gz' >annex
printf '/annex/objects/MD5E-s9912422--f68b3c2d.gz\n' >annex-unlocked
printf '../../shared/mnist/train-images.gz' >link-text
printf 'PK\003\004\024\0\0\0\010\0' >zip
printf '\223NUMPY\001\0v\0{' >npy
{ printf 'PK\003\004\024' && zeros 21 && printf '\011\0\0\0arr_0.npy'; } >npz
{ printf 'PK\003\004\024' && zeros 21 && printf '\020\0\0\0archive/data.pkl'; } >torch
printf '\211HDF\r\n\032\n' >hdf5
printf 'PAR1\025\004\025' >parquet
printf '\375\067zXZ\0\0\004' >xz
printf 'BZh91AY&SY' >bzip2
printf '\050\265\057\375\004\0' >zstd
printf '\200\002}q\001U' >pickle
printf '\211PNG\r\n\032\n' >png
printf '\377\330\377\340\0\020JFIF' >jpeg
printf 'P5\n28 28\n255\n' >netpbm
printf 'label,1x1,1x2\n5,0,0\n' >csv
{ printf 'train-images' && zeros 245 && printf ustar && zeros 762; } >tar
gzip -nc tar >tar.gz
gzip -nc images.gz >twice.gz
printf '\177ELF\002\001\001' >binary
ln -s nowhere dangling
mkdir directory

# ---- IDX that is wrong ----
head -c 3 images >cut-magic
head -c 13 images >cut-header
head -c 40 images >cut-data
{ cat images && printf x; } >trailing
{ cat images && printf x; } | gzip -nc >trailing.gz
{ idx 0A 8 3 2 && zeros 48; } >type-0a
{ idx 08 && zeros 8; } >dims-0
{ idx 08 2 1 1 1 && zeros 2; } >dims-4
{ idx 08 2 3 2 3 && zeros 36; } >rgb
{ printf '\003\010\0\0' && zeros 60; } >little-endian
{ printf '\0\0\010\003\010\0\0\0\003\0\0\0\002\0\0\0' && zeros 48; } >little-endian-dims
{ idx 08 1048576 1048576 1048576 && zeros 9; } >two-to-the-60
gzip -nc two-to-the-60 >two-to-the-60.gz
{ idx 0E 4294967295 4294967295 4294967295 && zeros 9; } >overflow

# ---- gzip that is wrong ----
head -c 30 images.gz >cut.gz
flip $(($(wc -c <images.gz) - 6)) <images.gz >crc.gz
flip $(($(wc -c <images.gz) - 1)) <images.gz >length.gz
{ cat images.gz && printf 'garbage'; } >garbage.gz

# ---- images and labels that do not fit ----
idx 08 0 3 2 >images-none
idx 08 8 0 2 >images-no-pixels
{ idx 08 8 2 3 && zeros 48; } >images-2x3
{ idx 0D 8 1 1 && zeros 8 && printf '\0\0\200\077\0\0\0\077%.0s' 1 2 3; } >images-little
{ idx 0C 8 && zeros 8 && printf '\2\0\0\0\1\0\0\0%.0s' 1 2 3; } >labels-little
{ idx 0D 8 1 1 && zeros 12 && printf '\177\300\0\0' && zeros 16; } >images-nan
{ idx 08 7 && zeros 7; } >labels-7
{ idx 0D 8 && zeros 32; } >labels-float
{ idx 09 8 && zeros 2 && printf '\377' && zeros 5; } >labels-negative
{ idx 0B 8 && zeros 6 && printf '\001\001' && zeros 8; } >labels-257
{ idx 08 8 && zeros 7 && printf '\003'; } >labels-beyond
idx 08 8 0 >labels-no-column
{ idx 08 8 3 && for c in 0 1 2 0 1 2 0 1; do
    case $c in 0) printf '\1\0\0' ;; 1) printf '\0\1\0' ;; *) printf '\0\0\1' ;; esac
done; } >labels-one-hot
{ idx 0C 8 8 && for c in 0 1 2 0 1 2 0 1; do
    printf "\\0\\0\\0\\$c" && zeros 27 && printf '\7'
done; } >labels-qmnist
{ idx 08 8 2 && printf '\1\0\1\1' && zeros 12; } >labels-2d
