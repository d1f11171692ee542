# The supply chain: what the programs are made of. Included by the Makefile.

# renovate: datasource=crate depName=cargo-deny
CARGO_DENY_VERSION := 0.20.2
# renovate: datasource=crate depName=cargo-cyclonedx
CARGO_CYCLONEDX_VERSION := 0.5.9

##@ Supply chain
# Bans, licences and sources need no network, the advisories their database.
.PHONY: deny
deny: $(TOOLS)/deny/$(CARGO_DENY_VERSION) ## Check crates: licences, bans, sources, and advisories if their database can be had
	@$(TOOLS)/deny/bin/cargo-deny --locked check --hide-inclusion-graph bans licenses sources
	@if $(TOOLS)/deny/bin/cargo-deny fetch db 2>/dev/null; then \
	  $(TOOLS)/deny/bin/cargo-deny --locked check --hide-inclusion-graph advisories; \
	else echo "advisories skipped: their database cannot be fetched"; fi

$(TOOLS)/deny/$(CARGO_DENY_VERSION):
	@$(call need,cargo,install Rust with rustup)
	@cargo install --quiet --locked --root $(TOOLS)/deny cargo-deny@$(CARGO_DENY_VERSION)
	@touch $@

# cargo-cyclonedx writes a file next to the manifest of each crate that has a
# program. The time of the commit makes the files reproducible.
.PHONY: sbom
sbom: $(TOOLS)/sbom/$(CARGO_CYCLONEDX_VERSION) ## Write each image's SBOM (CycloneDX) into target/sbom, and check it
	@$(call need,$(PYTHON),install Python 3)
	@rm -rf target/sbom && mkdir -p target/sbom
	@target=$$(uname -m | sed s/arm64/aarch64/)-unknown-linux-gnu; \
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(TOOLS)/sbom/bin/cargo-cyclonedx cyclonedx --quiet \
	  --describe binaries --format json --spec-version 1.5 --no-build-deps --target $$target && \
	$(foreach name,$(IMAGES),mv crates/$(name)/$(name)_bin.cdx.json target/sbom/$(name).cdx.json && \
	  $(PYTHON) Dockerfiles/prune-sbom target/sbom/$(name).cdx.json $(name) $$target &&) \
	rm -f crates/*/*.cdx.json
	@cargo test --quiet --workspace --test sbom -- --ignored
	@ls target/sbom/*.cdx.json

$(TOOLS)/sbom/$(CARGO_CYCLONEDX_VERSION):
	@$(call need,cargo,install Rust with rustup)
	@cargo install --quiet --locked --root $(TOOLS)/sbom cargo-cyclonedx@$(CARGO_CYCLONEDX_VERSION)
	@touch $@

# Slow: one of the two builds starts from nothing.
.PHONY: reproducible
reproducible: ## Build the images twice, from two folders, and compare their digests
	@$(call need,git,it makes the second folder)
	@$(engine); CONTAINER_ENGINE="$$engine" BUILD_FLAGS="$(BUILD_FLAGS)" SOURCE="$(SOURCE)" \
	  Dockerfiles/reproducible $(IMAGES)
