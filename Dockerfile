# Llama, MD in a container: the job of `make chat`, for whoever prefers one.
#
#   docker build -t llama-md .
#   docker run -p 8501:8501 -v llama-md-index:/srv/llama-md/var/index \
#     -v llama-md-weights:/srv/llama-md/var/weights -v "$PWD/my-books:/books:ro" llama-md
#
# The first start fetches the embedded models (about 590 MB, checksums compared) and reads the
# starter library and /books; later starts find both in their volumes and are up in seconds.

FROM python:3.11-slim-bookworm AS packages
# PyPI's torch for Linux carries CUDA (gigabytes). An index with its CPU build makes a small image:
# docker build --build-arg PIP_EXTRA_INDEX_URL=… .
ARG PIP_EXTRA_INDEX_URL=
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.lock /tmp/requirements.lock
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install -r /tmp/requirements.lock

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    LLAMA_MD_MODEL=smollm2-135m HF_HUB_DISABLE_TELEMETRY=1
RUN useradd --create-home --uid 10001 llama \
    && mkdir -p /srv/llama-md/var/index /srv/llama-md/var/weights /books \
    && chown -R llama:llama /srv/llama-md /books
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/llama-md
COPY --chown=llama:llama . .
USER 10001
VOLUME ["/books", "/srv/llama-md/var/index", "/srv/llama-md/var/weights"]
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=10m --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
CMD ["sh", "scripts/serve-in-container.sh"]
