# The images. Included by the Makefile.
IMAGES := hello-server greeter-server greeter-client

# $(call local,KEY): the value in k8s/local.env, which the environment overrides.
local = $(shell sed -n 's/^$(1)=//p' $(LOCAL_ENV) 2>/dev/null)
LOCAL_ENV ?= k8s/local.env

# Where images are pushed to; empty for those that stay here.
REGISTRY ?= $(call local,REGISTRY)
# Empty for the git revision; Dockerfiles/tag runs at the first use only.
TAG ?= $(call local,TAG)
tag = $(eval tag := $$(or $$(TAG),$$(shell Dockerfiles/tag)))$(tag)
# docker or podman; empty for the first that works.
CONTAINER_ENGINE ?=
# For example linux/amd64,linux/arm64; empty for the platform of this machine.
PLATFORMS ?= $(call local,PLATFORMS)
# Its tag is the one in the Dockerfile; the digest is that of all platforms together.
BASE_IMAGE ?= rust:1.95.0-slim-bookworm@sha256:d7482085ff5b415f84dba5647ae71606650bdef00db7aeb69f4b3d170c3e4082
# For example --network=host, where builds have no network of their own.
BUILD_FLAGS ?=
DOCKERFILE ?= Dockerfiles/Dockerfile
# Where the sources are; a remote's address may hold a password, which stays here.
SOURCE ?= $(shell git config --get remote.origin.url | sed 's|//[^/@]*@|//|')

names = $(foreach name,$(IMAGES),$(addsuffix /,$(REGISTRY:/=))$(name):$(tag))
# Sets $engine, or ends with the line that says what is missing.
engine = engine=$$(CONTAINER_ENGINE=$(CONTAINER_ENGINE) Dockerfiles/engine) || exit 1
with_images = ENGINE="$$engine" PLATFORMS="$(PLATFORMS)"

##@ Images
.PHONY: images
images: ## Build the three images (REGISTRY, TAG, PLATFORMS, SOURCE, CONTAINER_ENGINE, BUILD_FLAGS)
	@$(call need,git,the images are labelled with the revision)
	@[ -n "$(tag)" ] || exit 1
	@$(engine); $(with_images) BASE_IMAGE="$(BASE_IMAGE)" BUILD_FLAGS="$(BUILD_FLAGS)" \
	  DOCKERFILE="$(DOCKERFILE)" SOURCE="$(SOURCE)" Dockerfiles/images build $(names)

.PHONY: push
push: ## Push the three images (REGISTRY, TAG, PLATFORMS)
	@[ -n "$(REGISTRY)" ] || { echo "make: REGISTRY is empty: name the registry, as in make push REGISTRY=registry.example.org/hello" >&2; exit 1; }
	@[ -n "$(tag)" ] || exit 1
	@$(engine); $(with_images) Dockerfiles/images push $(names)

# The overlay `kind` without a TAG, as `kubectl kustomize` renders it, has `dev`.
.PHONY: test-containers
test-containers: envoy ## Test the images end to end, run as the manifests run them
	@$(MAKE) --no-print-directory images REGISTRY= TAG=dev PLATFORMS=
	@$(call need,cargo,install Rust with rustup)
	@$(engine); CONTAINER_ENGINE="$$engine" cargo test --workspace --test containers -- --ignored
