# make run and make test do everything on a fresh Debian 12 machine with a Swift toolchain; make help lists the rest.

PACKAGES := build-essential libmosquitto-dev libmodbus-dev libsqlite3-dev libzstd-dev zlib1g-dev libtomlplusplus-dev \
    libsimdjson-dev libcurl4-openssl-dev libssl-dev libmicrohttpd-dev libgnutls28-dev mosquitto sqlite3 python3 python3-venv openssl socat
PREFIX   ?= /usr
DESTDIR  ?=
BINARY   := .build/release/outpost
EXTENSION := .build/release/liboutpost_sqlite.so
PYTHON   := .build/python
CHECKED  := --explicit-target-dependency-import-check error
# The Swift runtime is linked in, symbols are left out and none is offered to others, equal functions are kept once, the
# table of relocations is packed, and every symbol is bound at the start.
LINKED   := -Xswiftc -use-ld=lld -Xlinker --icf=safe -Xlinker -z -Xlinker pack-relative-relocs -Xlinker -s -Xlinker -z \
            -Xlinker now -Xlinker --no-export-dynamic
# The fuzzer and its targets have a scratch path of their own: all that is in them is instrumented. swiftc heeds the last
# list of sanitizers alone.
FUZZED   := -c release --sanitize=address -Xswiftc -sanitize=address,fuzzer -Xswiftc -use-ld=lld --scratch-path .build/fuzz \
            -Xcxx -fsanitize=fuzzer-no-link,undefined -Xcxx -fno-sanitize=vptr,function -Xcxx -fno-sanitize-recover=all
FUZZ_SECONDS ?= 30
RELEASE  := -c release --static-swift-stdlib $(CHECKED) $(LINKED)

.PHONY: help run test fuzz build deps packages format lint install uninstall clean

help: ## lists these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: build ## installs what is missing, builds, and runs the demo plant
	@$(BINARY) demo

test: deps build lint ## installs what is missing, builds, and runs every test, then fuzz
	swift build $(RELEASE) --product allocation-count
	swift build $(CHECKED) --build-tests
	OUTPOST_BINARY="$(CURDIR)/$(BINARY)" OUTPOST_EXTENSION="$(CURDIR)/$(EXTENSION)" swift test --skip-build
	@$(MAKE) --no-print-directory fuzz

fuzz: deps ## feeds the decoders what a fuzzer makes up, FUZZ_SECONDS (30) each
	OUTPOST_FUZZ=build swift build $(FUZZED) --product fuzz
	Tests/Fuzz/run.sh .build/fuzz/release/fuzz $(FUZZ_SECONDS)

build: packages ## builds the release binary, .build/release/outpost, and the extension for SQLite beside it
	swift build $(RELEASE) --product outpost
	swift build $(RELEASE) --product outpost_sqlite

deps: packages $(PYTHON)/.complete ## installs what building and testing need

# What the tests take from PyPI, for them alone: the gateway is built without it.
$(PYTHON)/.complete: Tests/requirements.txt | packages
	python3 -m venv --clear $(PYTHON)
	$(PYTHON)/bin/python -m pip install -q --disable-pip-version-check -r $<
	touch $@

packages: ## installs the Debian packages that are missing
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
	for file in etc/devices/*.toml; do \
	    install -D -m 644 $$file $(DESTDIR)$(PREFIX)/share/outpost/devices/$${file##*/} || exit 1; \
	done
	for file in etc/presets/*.toml; do \
	    install -D -m 644 $$file $(DESTDIR)$(PREFIX)/share/doc/outpost/presets/$${file##*/} || exit 1; \
	done
	for file in etc/models/README.md etc/models/export_sklearn.py; do \
	    install -D -m 644 $$file $(DESTDIR)$(PREFIX)/share/doc/outpost/models/$${file##*/} || exit 1; \
	done
	install -D -m 644 etc/mosquitto/outpost.conf $(DESTDIR)$(PREFIX)/share/doc/outpost/mosquitto.conf
	@[ -n "$(DESTDIR)" ] || { systemd-sysusers && chgrp outpost /etc/outpost/outpost.toml && systemctl daemon-reload; } || \
	    echo "systemd is not running here: the user and the unit are there once it does"

uninstall: ## removes what install has put there, but not configuration and data
	rm -f $(DESTDIR)$(PREFIX)/bin/outpost $(DESTDIR)$(PREFIX)/lib/outpost_sqlite.so \
	    $(DESTDIR)/lib/systemd/system/outpost.service \
	    $(DESTDIR)$(PREFIX)/lib/sysusers.d/outpost.conf $(DESTDIR)$(PREFIX)/share/doc/outpost/mosquitto.conf
	rm -rf $(DESTDIR)$(PREFIX)/share/outpost/devices $(DESTDIR)$(PREFIX)/share/doc/outpost/presets \
	    $(DESTDIR)$(PREFIX)/share/doc/outpost/models

clean: ## removes all build products
	rm -rf .build
