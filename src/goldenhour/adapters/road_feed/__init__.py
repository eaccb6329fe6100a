"""A road authority's feed of closures: CIFS over https."""

from goldenhour.adapters.road_feed.feed import FeedConfig, HttpRoadFeed

__all__ = ["FeedConfig", "HttpRoadFeed"]
