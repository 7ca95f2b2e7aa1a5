// What most test programs include, compiled once; see cmake/precompiled.hpp.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../cmake/precompiled.hpp"
