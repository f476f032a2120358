# make run and make test do everything on a fresh Debian 12 machine with a Swift toolchain; make help lists the rest.

PACKAGES := build-essential libmosquitto-dev libsqlite3-dev libzstd-dev libtomlplusplus-dev libsimdjson-dev mosquitto \
    sqlite3 python3 openssl
PREFIX   ?= /usr
DESTDIR  ?=
BINARY   := .build/release/outpost
EXTENSION := .build/release/liboutpost_sqlite.so
CHECKED  := --explicit-target-dependency-import-check error
# The Swift runtime is linked in, symbols are left out, equal functions are kept once, the table of relocations is packed,
# and every symbol is bound at the start.
LINKED   := -Xswiftc -use-ld=lld -Xlinker --icf=safe -Xlinker -z -Xlinker pack-relative-relocs -Xlinker -s -Xlinker -z \
            -Xlinker now
RELEASE  := -c release --static-swift-stdlib $(CHECKED) $(LINKED)

.PHONY: help run test build deps format lint install uninstall clean

help: ## lists these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: build ## installs what is missing, builds, and runs the demo plant
	@$(BINARY) demo

test: build lint ## installs what is missing, builds, and runs every test
	swift build $(CHECKED) --build-tests
	OUTPOST_BINARY="$(CURDIR)/$(BINARY)" OUTPOST_EXTENSION="$(CURDIR)/$(EXTENSION)" swift test --skip-build

build: deps ## builds the release binary, .build/release/outpost, and the extension for SQLite beside it
	swift build $(RELEASE) --product outpost
	swift build $(RELEASE) --product outpost_sqlite

deps: ## installs the Debian packages that are missing
	@missing=; for package in $(PACKAGES); do \
	    dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    echo "installing:$$missing"; \
	    root=; [ "$$(id -u)" = 0 ] || root=sudo; \
	    $$root apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive $$root apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
	@command -v swift >/dev/null || { echo "a Swift 6.2 toolchain or later is needed: swift.org/install"; exit 1; }

format: ## formats all Swift code
	swift format -i -r Sources Tests Package.swift

lint: ## fails where code is not formatted
	swift format lint --strict -r Sources Tests Package.swift

install: ## installs what make build has built, the configuration, the unit, and the user
	@[ -x $(BINARY) ] || { echo "make build comes first: root has no need of a toolchain"; exit 1; }
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/outpost
	install -D -m 644 $(EXTENSION) $(DESTDIR)$(PREFIX)/lib/outpost_sqlite.so
	install -D -m 644 systemd/outpost.service $(DESTDIR)/lib/systemd/system/outpost.service
	install -D -m 644 systemd/outpost.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/outpost.conf
	[ -e $(DESTDIR)/etc/outpost/outpost.toml ] || install -D -m 640 etc/outpost.toml $(DESTDIR)/etc/outpost/outpost.toml
	install -D -m 644 etc/mosquitto/outpost.conf $(DESTDIR)$(PREFIX)/share/doc/outpost/mosquitto.conf
	@[ -n "$(DESTDIR)" ] || { systemd-sysusers && chgrp outpost /etc/outpost/outpost.toml && systemctl daemon-reload; } || \
	    echo "systemd is not running here: the user and the unit are there once it does"

uninstall: ## removes what install has put there, but not configuration and data
	rm -f $(DESTDIR)$(PREFIX)/bin/outpost $(DESTDIR)$(PREFIX)/lib/outpost_sqlite.so \
	    $(DESTDIR)/lib/systemd/system/outpost.service \
	    $(DESTDIR)$(PREFIX)/lib/sysusers.d/outpost.conf $(DESTDIR)$(PREFIX)/share/doc/outpost/mosquitto.conf

clean: ## removes all build products
	rm -rf .build
