"""The browser: the only room that knows Streamlit. Nobody imports it."""
