# JupyterLab with the Go kernel, the XLA plugin and the notebooks of Ganymede, ready without a network.
#
#   docker build -t ganymede .
#   docker run --rm -it -p 127.0.0.1:8888:8888 ganymede
#
# It prints the address, with its token, to open in a browser. The notebooks' runs stay with
#   -v "$PWD/runs:/ganymede/notebooks/runs"
FROM golang:1.26-bookworm

RUN apt-get update \
	&& apt-get install -y --no-install-recommends python3-venv \
	&& rm -rf /var/lib/apt/lists/*

WORKDIR /ganymede
COPY . .
RUN .ci/setup && go build -o /usr/local/bin/ganymede .

EXPOSE 8888
CMD ["ganymede", "lab", "--host", "0.0.0.0", "--port", "8888", "--no-browser"]
