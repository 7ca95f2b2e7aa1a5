// Nothing of its own: what precompiled.hpp is compiled with.
