#!/bin/sh
# make-deb.sh BUILD - the Debian package of $VERSION for this release and processor, into BUILD. `make deb` calls it.
set -eu
cd "$(dirname "$0")/.."
build=$1
for tool in dpkg-deb dpkg-shlibdeps scdoc; do
    command -v "$tool" >/dev/null || { echo "make deb: needs $tool (Debian: dpkg-dev, scdoc)" >&2 && exit 1; }
done
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
package=$build/deb
rm -rf "$package"
mkdir -p "$package/root/DEBIAN" "$package/debian"
root=$(cd "$package/root" && pwd)
make BUILD="$package/build" BIN="$package/build/mlp-train" DESTDIR="$root" PREFIX=/usr \
    zshdir=/usr/share/zsh/vendor-completions install
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root/usr/bin/mlp-train"

doc=$root/usr/share/doc/mlp-train
mkdir -p "$doc"
cp README.md "$doc"
cp scripts/debian/changelog "$doc/changelog"
cp scripts/debian/copyright "$doc"
gzip -9n "$doc/changelog" "$root/usr/share/man/man1/mlp-train.1"

# The libraries that it is linked with, and a BLAS, which it loads when it runs.
touch "$package/debian/control"
libraries=$(cd "$package" && dpkg-shlibdeps -O root/usr/bin/mlp-train 2>/dev/null | sed 's/^shlibs:Depends=//')
sed -e "s/@VERSION@/$VERSION/; s/@ARCHITECTURE@/$(dpkg --print-architecture)/; s/@LIBRARIES@/$libraries/" \
    -e "s/@SIZE@/$(du -ks --apparent-size "$root/usr" | cut -f 1)/" scripts/debian/control >"$root/DEBIAN/control"
(cd "$root" && find usr -type f | LC_ALL=C sort | xargs md5sum) >"$root/DEBIAN/md5sums"
chmod -R u+rwX,go+rX,go-w "$root"
dpkg-deb --root-owner-group --build "$root" "$build"
