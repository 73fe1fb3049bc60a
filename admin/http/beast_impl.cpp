// The compiled parts of Boost.Beast and of Asio's TLS, once for the program.
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
