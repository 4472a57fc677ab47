// The same for what speaks gRPC.
#pragma once

#include "standard.h"

#include <google/protobuf/map.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>
